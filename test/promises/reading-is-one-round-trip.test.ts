/** Promise 4: a request that does not change its session costs one command, and touches it once per interval at most. */
import { createClient, type RedisClientType } from "redis";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { commandsDuring } from "../support/commands.js";
import { startProxy } from "../support/servers/proxy.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, Visitor, type Handler, type Site } from "../support/web-site.js";
import { compressing, connectRedis, encrypting, ours, type Candidate } from "./candidates.js";

const redis = useRedis();
let monitor: RedisClientType;
let site: Site | undefined;

beforeAll(async () => {
  monitor = await redis.client();
});
afterEach(() => site?.close());

const handler: Handler = (req, res, url) => {
  if (url.pathname === "/write") req.session["written"] = (req.session["written"] ?? 0) + 1;
  res.end(url.pathname === "/unseen" ? "" : String(req.session["written"]));
};

async function visitorOf(candidate: Candidate, options: { maxAge?: number; touchInterval?: number } = {}) {
  site = await startSite(candidate.create({ client: await redis.client(), ...options }), handler);
  const visitor = new Visitor(site);
  await visitor.get("/write");
  return visitor;
}

const many = async (visitor: Visitor, path: string, count = 20) => {
  for (let i = 0; i < count; i++) await visitor.get(path);
};

describe.each([...ours, ...compressing, ...encrypting])("$name", (candidate) => {
  const read = candidate.layout === "hash" ? "hgetall" : "get";

  test("a request that only reads is one command", async () => {
    const visitor = await visitorOf(candidate, { maxAge: 3600_000 });
    expect(await commandsDuring(monitor, () => many(visitor, "/read"))).toEqual({ [read]: 20 });
  });

  test("so is one that never looks at its session, and one whose session has no maxAge", async () => {
    const visitor = await visitorOf(candidate);
    expect(await commandsDuring(monitor, () => many(visitor, "/unseen"))).toEqual({ [read]: 20 });
  });

  test("a request that writes is one command and one script", async () => {
    const visitor = await visitorOf(candidate);
    await visitor.get("/write"); // by now the server knows the script
    // The script's own commands are counted by the server too.
    const json = { get: 40, evalsha: 20, set: 20 };
    const hash = { hgetall: 20, evalsha: 20, hmget: 20, hset: 20 };
    const expected = candidate.layout === "hash" ? hash : json;
    expect(await commandsDuring(monitor, () => many(visitor, "/write"))).toEqual(expected);
  });

  test("the lifetime is refreshed once per touch interval at most", async () => {
    const visitor = await visitorOf(candidate, { maxAge: 3600_000, touchInterval: 1 });
    const start = performance.now();
    let intervals = 0;
    const commands = await commandsDuring(monitor, async () => {
      while (performance.now() - start < 2500) await visitor.get("/read");
      intervals = Math.floor((performance.now() - start) / 1000);
    });
    expect(commands["expire"]).toBeGreaterThanOrEqual(1);
    expect(commands["expire"]).toBeLessThanOrEqual(intervals + 1);
  });

  test("overlapping requests share one touch", async () => {
    const { cookie } = await visitorOf(candidate);
    await site!.close();
    // A process that has just started, and a session whose text does not tell when it was written: a touch is due.
    site = await startSite(candidate.create({ client: await redis.client() }), handler);
    const visitor = new Visitor(site, cookie);
    const commands = await commandsDuring(monitor, () =>
      Promise.all(Array.from({ length: 20 }, () => visitor.get("/read"))),
    );
    expect(commands).toEqual({ [read]: 20, expire: 1 });
  });

  test("a touch gives the session its whole lifetime again", async () => {
    const visitor = await visitorOf(candidate, { maxAge: 3600_000, touchInterval: 0 });
    await monitor.expire(`sess:${visitor.id}`, 100);
    await visitor.get("/read");
    await expect.poll(() => monitor.ttl(`sess:${visitor.id}`)).toBeGreaterThan(3590);
  });
});

/** Milliseconds and flights of one reading request, with 40 ms on the way to Redis and back. */
async function measureThroughProxy(candidate: Candidate) {
  const proxy = await startProxy(redis.port, 20);
  const client = createClient({ url: `redis://127.0.0.1:${proxy.port}` }) as RedisClientType;
  client.on("error", () => {});
  await client.connect();
  site = await startSite(candidate.create({ client, maxAge: 3600_000 }), handler);
  const visitor = new Visitor(site);
  await visitor.get("/write");
  proxy.flights = 0;
  const start = performance.now();
  await visitor.get("/read");
  const result = { flights: proxy.flights, milliseconds: performance.now() - start };
  client.destroy();
  await proxy.close();
  return result;
}

test.each([...ours, ...compressing, ...encrypting])(
  "$name: a reading request waits for one round trip",
  async (candidate) => {
    const { flights, milliseconds } = await measureThroughProxy(candidate);
    expect(flights).toBe(1);
    expect(milliseconds).toBeGreaterThan(39);
  },
);

test("the control: plain connect-redis takes two commands and two round trips", async () => {
  const visitor = await visitorOf(connectRedis, { maxAge: 3600_000 });
  expect(await commandsDuring(monitor, () => many(visitor, "/read"))).toEqual({ get: 20, expire: 20 });
  await site!.close();
  const { flights, milliseconds } = await measureThroughProxy(connectRedis);
  expect(flights).toBe(2);
  expect(milliseconds).toBeGreaterThan(79);
});
