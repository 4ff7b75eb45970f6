/** Drill: the near cache while Sentinel or a cluster fails over, and while slots move. */
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../promises/candidates.js";
import { connected, nearCacheWorks, primariesOf, ready, type Place } from "../repository/near-cache-works.js";
import { callsOf } from "../support/commands.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { startSentinel, type TestSentinel } from "../support/servers/redis-sentinel.js";
import { startSite, Visitor } from "../support/web-site.js";

function sentinel(open: (site: TestSentinel) => Promise<any>): Place {
  let site: TestSentinel;
  return {
    start: async () => void (site = await startSentinel()),
    stop: () => site?.stop(),
    open: () => open(site),
    primaries: () => primariesOf(site.servers),
    servers: () => site.servers,
    failover: async () => {
      const [node] = site.nodes;
      const one = await connected(createClient({ url: `redis://${node!.host}:${node!.port}` }));
      await one.sendCommand(["SENTINEL", "FAILOVER", site.name]);
      one.destroy();
    },
  };
}

function cluster(open: (site: TestCluster) => Promise<any>): Place & { readonly nodes: () => TestCluster } {
  let site: TestCluster;
  return {
    nodes: () => site,
    start: async () => void (site = await startCluster()),
    stop: () => site?.stop(),
    open: () => open(site),
    primaries: () => primariesOf(site.servers),
    servers: () => site.servers,
    moveSlot: (slot) => site.moveSlots(slot, slot),
    failover: async () => {
      const clients = await Promise.all(site.servers.map((server) => server.client()));
      const roles = await Promise.all(clients.map((client) => client.info("replication")));
      const replica = clients.find((_, i) => roles[i]!.includes("role:slave"))!;
      await replica.sendCommand(["CLUSTER", "FAILOVER"]);
    },
  };
}

const rootsOf = ({ nodes }: TestCluster) => nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` }));
const nodeRedisCluster = (site: TestCluster) => connected(createCluster({ rootNodes: rootsOf(site) }));

describe.skipIf(!redisServerPath).each<[string, Place]>([
  ["Sentinel", sentinel(({ name, nodes }) => connected(createSentinel({ name, sentinelRootNodes: nodes })))],
  ["ioredis 6, Sentinel", sentinel(({ name, nodes }) => ready(new Redis({ name, sentinels: nodes })))],
  ["a cluster", cluster(nodeRedisCluster)],
  ["ioredis 6, a cluster", cluster(({ nodes }) => ready(new Cluster(nodes)))],
])("%s", (_name, place) => {
  nearCacheWorks(place);
});

describe.skipIf(!redisServerPath)("the middleware on a cluster of its own", () => {
  const place = cluster(nodeRedisCluster);
  beforeAll(() => place.start(), 60_000);
  afterAll(() => place.stop());

  test("a page that only reads costs no command", async () => {
    const sessions = redisSession({
      cluster: { nodes: place.nodes().nodes },
      secret,
      nearCache: {},
      touchInterval: 3600,
    });
    await sessions.ready();
    const site = await startSite(sessions, (req, res, url) => {
      if (url.pathname === "/write") req.session["n"] = 1;
      res.end(String(req.session["n"]));
    });
    const visitor = new Visitor(site);
    await visitor.get("/write");
    const calls = async () => {
      const each = await Promise.all((await place.primaries()).map((client) => callsOf(client, "get")));
      return each.reduce((sum, calls) => sum + calls, 0);
    };
    await expect
      .poll(
        async () => {
          const before = await calls();
          await visitor.get("/read");
          return (await calls()) - before;
        },
        { timeout: 20_000 },
      )
      .toBe(0);
    await site.close();
    await sessions.close();
  });
});
