/** The doctor behind Sentinel and on a Cluster: it asks every server, and names those that it means. */
import { createCluster, createSentinel, createClientPool, type RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { doctor } from "holdfast/ops";
import { redisServerPath } from "../../support/programs.js";
import { startCluster, type TestCluster } from "../../support/servers/redis-cluster.js";
import { startSentinel, type TestSentinel } from "../../support/servers/redis-sentinel.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { clientOf, findingOn, findingsOn, pasted, redisCli, shell } from "./examine.js";

describe.skipIf(!redisServerPath)("on a Cluster, the doctor", () => {
  let cluster: TestCluster;
  let primaries: RedisClientType[];
  let client: ReturnType<typeof createCluster>;
  let names: string[];
  beforeAll(async () => {
    cluster = await startCluster();
    client = createCluster({ rootNodes: cluster.nodes.map((socket) => ({ socket })) });
    client.on("error", () => {});
    await client.connect();
    const owners = await Promise.all([0, 8000, 16_000].map((slot) => cluster.ownerOf(slot)));
    primaries = owners.map((owner) => owner.client);
    names = owners.map(({ server }) => `127.0.0.1:${server.port}`);
  }, 60_000);
  afterAll(async () => {
    if (client?.isOpen) await client.close();
    await cluster?.stop();
  });

  it("sees all sessions, and says once what is true of all primaries", async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => client.set(`sess:${n}`, "{}", { EX: 600 })));
    const findings = await doctor(client);
    expect(findings.filter(({ check }) => check === "version")).toHaveLength(1);
    expect(findings.find(({ check }) => check === "version")!.nodes).toBeUndefined();
    expect(findings.find(({ check }) => check === "reachable")!.found).toMatch(/3 primaries: 127/);
    expect(findings.find(({ check }) => check === "acl-needed")!.found).toContain("sessions, cluster");
    const sampled = findings.filter(({ check }) => check === "capacity").map(({ found }) => Number.parseInt(found, 10));
    expect(sampled.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(findings.filter(({ level }) => level === "bad" || level === "skipped")).toEqual([]);
  });

  it("names the server that differs", async () => {
    await primaries[1]!.configSet("timeout", "5");
    const findings = await findingsOn("timeout", client);
    expect(findings).toContainEqual(expect.objectContaining({ level: "warning", nodes: [names[1]] }));
    expect(findings).toContainEqual(expect.objectContaining({ level: "ok" }));
    expect(findings).toHaveLength(2);
  });

  it("finds that all sessions would fail with one primary", async () => {
    await primaries[2]!.configSet("cluster-require-full-coverage", "yes");
    const finding = await findingOn("cluster", client);
    expect(finding).toMatchObject({ level: "warning", found: expect.stringContaining(names[2]!) });
    expect(finding.commands).toEqual(["CONFIG SET cluster-require-full-coverage no"]);
    if (redisCli) await pasted({ port: Number(names[2]!.split(":")[1]) }, finding.commands!);
    else await primaries[2]!.configSet("cluster-require-full-coverage", "no");
    expect(await findingOn("cluster", client)).toMatchObject({ level: "ok" });
  });

  it("names a primary that freezes, and reports on the others", async () => {
    const { server } = await cluster.ownerOf(0);
    server.process.kill("SIGSTOP");
    onTestFinished(() => void server.process.kill("SIGCONT"));
    const findings = await doctor(client, { commandTimeout: 300 });
    expect(findings).toContainEqual(expect.objectContaining({ check: "ping", level: "bad", nodes: [names[0]] }));
    expect(findings).toContainEqual(expect.objectContaining({ check: "version", level: "ok" }));
    expect(findings).toContainEqual(expect.objectContaining({ check: "version", level: "skipped", nodes: [names[0]] }));
  });

  it("finds slots that no server has", async () => {
    const nodes = await Promise.all(cluster.servers.map((server) => server.client()));
    // A message of the owner that was under way may give it the slot again, so they are told until all agree.
    const check = `redis-cli --cluster check ${names[0]}`;
    await vi.waitFor(async () => {
      for (const node of nodes) {
        await node.sendCommand(["CLUSTER", "DELSLOTS", "0"]).catch((error: Error) => {
          expect(error.message).toBe("ERR Slot 0 is already unassigned");
        });
      }
      expect(await findingOn("cluster", client)).toMatchObject({
        level: "bad",
        found: expect.stringContaining("16,383 slots"),
        commands: [check, `redis-cli --cluster fix ${names[0]}`],
      });
      if (redisCli) expect((await shell(check)).stdout).toMatch(/Not all 16384 slots are covered/);
    }, 20_000);
    if (!redisCli) return;
    await shell(`redis-cli --cluster fix ${names[0]}`, "yes\n");
    await vi.waitFor(async () => {
      expect(await findingOn("cluster", client)).toMatchObject({ level: "ok" });
    }, 20_000);
  });
});

describe.skipIf(!redisServerPath)("behind Sentinel, the doctor", () => {
  let servers: TestSentinel;
  let client: ReturnType<typeof createSentinel>;
  beforeAll(async () => {
    servers = await startSentinel();
    client = createSentinel({ name: servers.name, sentinelRootNodes: servers.nodes });
    client.on("error", () => {});
    await client.connect();
  }, 60_000);
  afterAll(async () => {
    if (client?.isOpen) await client.close();
    await servers?.stop();
  });
  const sentinel = () => ({ name: servers.name, nodes: servers.nodes });

  it("asks the primary and the sentinels", async () => {
    const findings = await doctor(client, { sentinel: sentinel() });
    expect(findings.find(({ check }) => check === "reachable")!.found).toBe(`127.0.0.1:${servers.servers[0]!.port}`);
    expect(findings.find(({ check }) => check === "replicas")).toMatchObject({ level: "ok", found: "2 replicas" });
    expect(findings.find(({ check }) => check === "sentinel")).toMatchObject({
      level: "ok",
      found: expect.stringMatching(/3 sentinels watch/),
    });
    expect(findings.filter(({ level }) => level === "bad")).toEqual([]);
  });

  it("cannot ask sentinels whose addresses it does not know", async () => {
    expect(await findingOn("sentinel", client)).toMatchObject({ level: "skipped" });
  });

  it("finds that one does not answer, that none does, and that too few are left to agree", async () => {
    const { name, nodes } = sentinel();
    const nowhere = { host: "127.0.0.1", port: 1 };
    const judged = (which: typeof nodes) => findingOn("sentinel", client, { sentinel: { name, nodes: which } });
    expect(await judged([...nodes, nowhere])).toMatchObject({ level: "warning", found: "127.0.0.1:1 did not answer" });
    expect(await judged([nowhere])).toMatchObject({ level: "bad", found: "none of the sentinels answers" });
    const one = await clientOf(nodes[0]!);
    await one.sendCommand(["SENTINEL", "SET", name, "quorum", "4"]);
    const finding = await judged(nodes);
    expect(finding).toMatchObject({ level: "bad", found: expect.stringMatching(/too few sentinels/) });
    expect(finding.commands).toHaveLength(3);
    if (!redisCli) return;
    for (const command of finding.commands!) expect((await shell(command)).stdout).toBe("OK\n");
    expect(await judged(nodes)).toMatchObject({ level: "ok" });
  });
});

describe.skipIf(!redisServerPath)("with a pool, the doctor", () => {
  const server = useRedis({ kind: "redis" });

  it("says what a pool does not show", async () => {
    const pool = createClientPool({ url: server.url });
    await pool.connect();
    onTestFinished(() => pool.close());
    const findings = await doctor(pool);
    expect(findings.find(({ check }) => check === "tls")).toMatchObject({ level: "skipped" });
    expect(findings.find(({ check }) => check === "version")).toMatchObject({ level: "ok" });
  });
});
