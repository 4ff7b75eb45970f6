/** What one process tells about itself, and how it does so. */
import { once } from "node:events";
import { hostname } from "node:os";
import { channel } from "node:diagnostics_channel";
import { MemoryStore, redisSession, RedisSessionStore } from "holdfast";
import { MigratingStore } from "holdfast/migrate";
import { pulse, readPulses, type PulseOptions } from "holdfast/ops";
import { createClient, type RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { guardClient } from "../../../lib/redis/index.js";
import { secret } from "../../promises/candidates.js";
import { listen, namesOf } from "../../support/heard.js";
import { startRedis } from "../../support/servers/redis-server.js";
import { useRedis } from "../../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushAll());

function begin(options: PulseOptions = {}, sessions: object = redisSession({ client, secret })) {
  const running = pulse(sessions as ReturnType<typeof redisSession>, { interval: 1000, ...options });
  onTestFinished(() => running.stop());
  return running;
}

const send = (signal: string, payload: object) => channel(`holdfast:session:${signal}`).publish(payload);
const noCounts = {
  requests: 0,
  found: 0,
  missing: 0,
  saves: 0,
  merged: 0,
  gone: 0,
  refused: 0,
  failures: 0,
  nearCacheHits: 0,
  nearCacheMisses: 0,
};

/** The only process, as soon as there is one like this. */
async function processLike(expected: object) {
  await expect.poll(async () => (await readPulses(client)).processes, { timeout: 5000 }).toMatchObject([expected]);
  return (await readPulses(client)).processes[0]!;
}

it("a process is seen at once, with what it is and how it is", async () => {
  const { id } = begin({ name: "shop", version: "1.2.3" });
  const now = Date.now();
  const one = await processLike({ id, name: "shop", version: "1.2.3", host: hostname(), pid: process.pid });
  expect(Math.abs(one.started - now)).toBeLessThan(2000);
  expect(Math.abs(one.at - now)).toBeLessThan(2000);
  expect(one).toMatchObject({ counts: noCounts, total: noCounts, perSecond: noCounts });
  expect(one.redis).toEqual({ isAvailable: true, inFlight: 0, outages: 0 });
  expect(one.memory.rss).toBeGreaterThan(1e6);
  expect(one.eventLoop.utilization).toBeLessThanOrEqual(1);
  expect("find" in one).toBe(false);
});

it("what has happened is told for the interval, per second and in total, with how long it took", async () => {
  const store = new RedisSessionStore({ client });
  begin({}, { store });
  await processLike({ counts: noCounts });
  for (const duration of [1, 1, 1, 50]) send("found", { store, duration, from: "store" });
  send("found", { store, duration: 0, from: "memory" });
  send("missing", { store, duration: 1 });
  send("saved", { store, duration: 4, rounds: 0 });
  send("merged", { store, duration: 4, rounds: 2 });
  send("saved", { store, duration: 4, rounds: 2 });
  send("gone", { store, duration: 4 });
  send("too-large", { store, duration: 1, operation: "save" });
  send("failed", { store, duration: 1, operation: "touch" });
  send("found", { store: {}, duration: 1, from: "store" }); // of another middleware
  const counts = {
    ...noCounts,
    requests: 6,
    found: 5,
    missing: 1,
    saves: 2,
    merged: 1,
    gone: 1,
    refused: 1,
    failures: 1,
    nearCacheHits: 1,
  };
  const one = await processLike({ counts, total: counts });
  expect(one.seconds).toBeGreaterThan(0.5);
  expect(one.perSecond.requests).toBeCloseTo(6 / one.seconds, 2);
  expect(one.find!.p50).toBeCloseTo(1, 1);
  expect(one.find!.p99).toBeGreaterThan(49);
  expect(one.save!.p95).toBeCloseTo(4, 1);
  const later = await processLike({ counts: noCounts, total: counts });
  expect("save" in later).toBe(false);
});

it("a lookup that the near cache did not answer is a miss of it, if there is one", async () => {
  const sessions = redisSession({ url: redis.url, secret, nearCache: {} });
  onTestFinished(() => sessions.close());
  await sessions.ready();
  const { store } = sessions;
  begin({}, { store });
  send("found", { store, duration: 1, from: "store" });
  send("found", { store, duration: 1, from: "memory" });
  await processLike({ total: { nearCacheHits: 1, nearCacheMisses: 1 } });
});

it("the sessions of a migration are those of its store", async () => {
  const store = new MigratingStore({ legacy: new MemoryStore(), redis: new RedisSessionStore({ client }) });
  onTestFinished(() => store.close());
  begin({}, { store });
  send("found", { store, duration: 1, from: "store" });
  await processLike({ total: { found: 1 } });
});

it("reading takes two commands, and none of them scans", async () => {
  begin();
  begin();
  await expect.poll(async () => (await readPulses(client)).processes.length).toBe(2);
  const reader = await redis.client();
  const heard = listen("redis:command");
  await readPulses(reader);
  const own = heard.filter(({ payload }) => payload["client"] === reader);
  expect(own.map(({ payload }) => payload["command"])).toEqual(["ZRANGE", "MGET"]);
});

it("each pulse is one command; its keys live for seconds", async () => {
  const { id } = begin();
  await processLike({ id });
  const heard = listen("redis:command");
  const before = (await readPulses(client)).processes[0]!.at;
  await expect.poll(async () => (await client.get(`{holdfast:pulse}:${id}`))!.includes(`"at":${before}`)).toBe(false);
  const writes = heard.filter(({ payload }) => /EVAL/.test(String(payload["command"])));
  expect(writes.map(({ payload }) => payload["command"])).toEqual(["EVALSHA"]);
  expect(await client.ttl(`{holdfast:pulse}:${id}`)).toBeLessThanOrEqual(3);
  expect(await client.ttl("{holdfast:pulse}")).toBeGreaterThan(0);
  expect(await client.keys("*")).toHaveLength(2);
});

it("a stopped one is gone at once, and sends nothing more", async () => {
  const running = begin();
  await processLike({ id: running.id });
  await running.stop();
  await running.stop();
  expect((await readPulses(client)).processes).toEqual([]);
  const other = begin();
  await processLike({ id: other.id, seconds: expect.toSatisfy((seconds: number) => seconds > 0.9) });
});

it("each key has pulses of its own", async () => {
  const { id } = begin({ key: "{staging:pulse}" });
  await expect
    .poll(async () => (await readPulses(client, { key: "{staging:pulse}" })).processes)
    .toMatchObject([{ id }]);
  expect((await readPulses(client)).processes).toEqual([]);
});

it("counts that another version lacks, or that are no counts, do not spoil the sum", async () => {
  const { id } = begin();
  await processLike({ id });
  const whole: object = JSON.parse((await client.get(`{holdfast:pulse}:${id}`))!);
  const counts = { requests: 5, found: "<b>", saves: -1, missing: 1e308, merged: null };
  await client.zAdd("{holdfast:pulse}", { score: Date.now(), value: "other" });
  await client.set("{holdfast:pulse}:other", JSON.stringify({ ...whole, id: "other", counts, total: counts }));
  const { processes, sum } = await readPulses(client);
  expect(processes.map((one) => one.id).sort()).toEqual([id, "other"].sort());
  expect(sum.counts).toEqual({ ...noCounts, requests: 5 });
  expect(sum.total).toEqual({ ...noCounts, requests: 5 });
});

it("what is not a pulse is left out", async () => {
  const { id } = begin();
  await processLike({ id });
  const whole: object = JSON.parse((await client.get(`{holdfast:pulse}:${id}`))!);
  for (const [name, text] of [
    ["a", "nonsense"],
    ["b", "{}"],
    ["c", "null"],
    ["d", JSON.stringify({ ...whole, eventLoop: null })],
    ["e", JSON.stringify({ ...whole, find: null })],
    ["f", JSON.stringify({ ...whole, find: { p50: "<b>" } })],
    ["g", JSON.stringify({ ...whole, memory: {} })],
    ["h", JSON.stringify({ ...whole, redis: {} })],
  ] as const) {
    await client.zAdd("{holdfast:pulse}", { score: Date.now(), value: name });
    await client.set(`{holdfast:pulse}:${name}`, text);
  }
  expect((await readPulses(client)).processes).toMatchObject([{ id }]);
});

describe("while Redis is frozen", () => {
  it("at most one command waits, nothing is thrown, and the next pulse tells of the outage", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const own = await createClient({ url: server.url })
      .on("error", () => {})
      .connect();
    onTestFinished(() => own.destroy());
    const store = new RedisSessionStore({ client: own });
    const { id } = begin({}, { store });
    await expect.poll(async () => (await readPulses(own)).processes).toMatchObject([{ id }]);
    const heard = listen("redis:");
    server.process.kill("SIGSTOP");
    onTestFinished(() => void server.process.kill("SIGCONT"));
    send("found", { store, duration: 1, from: "store" });
    let most = 0;
    const isFailing = () => {
      most = Math.max(most, guardClient(own).inFlight);
      return namesOf(heard).includes("redis:unavailable") && heard.some(({ payload }) => payload["error"]);
    };
    await expect.poll(isFailing, { interval: 5, timeout: 20_000 }).toBe(true);
    expect(most).toBe(1);
    await expect(readPulses({ store })).rejects.toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
    server.process.kill("SIGCONT");
    const lastOutage = { at: expect.any(Number), duration: expect.any(Number), reason: "silent" };
    const back = { id, total: { found: 1 }, redis: { isAvailable: true, outages: 1, lastOutage } };
    await expect
      .poll(
        () =>
          readPulses(own).then(
            ({ processes }) => processes,
            () => [],
          ),
        { timeout: 10_000 },
      )
      .toMatchObject([back]);
  });
});

describe("a user without the rights", () => {
  it("gets one warning, and whoever reads gets the reason", async () => {
    await client.sendCommand(["ACL", "SETUSER", "poor", "on", ">hush", "~sess:*", "+@all", "-ping"]);
    const poor = await createClient({ url: redis.url, username: "poor", password: "hush" })
      .on("error", () => {})
      .connect();
    onTestFinished(() => poor.destroy());
    const warned = once(process, "warning");
    begin({}, { store: new RedisSessionStore({ client: poor }) });
    const [warning] = (await warned) as [Error & { code: string }];
    expect(warning).toMatchObject({ code: "HOLDFAST_PULSE_FAILED", message: expect.stringContaining("rights") });
    await expect(readPulses(poor)).rejects.toMatchObject({
      code: "SESSION_STORE_UNAVAILABLE",
      reason: "no-permission",
    });
  });
});

describe("what cannot work is refused", () => {
  it.each([
    [{ interval: 999 }, "interval"],
    [{ interval: 60_001 }, "interval"],
    [{ interval: Number.NaN }, "interval"],
    [{ interval: "5s" }, "interval"],
    [{ key: 1 }, "key"],
    [{ name: null }, "name"],
  ])("%j", (options, name) => {
    const sessions = { store: new RedisSessionStore({ client }) };
    expect(() => pulse(sessions, options as never)).toThrow(
      expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID", message: expect.stringContaining(name) }),
    );
  });

  it("a store that is not in Redis", async () => {
    const refused = { code: "HOLDFAST_OPTION_INVALID", message: expect.stringContaining("Redis") };
    expect(() => pulse({ store: new MemoryStore() })).toThrow(expect.objectContaining(refused));
    await expect(readPulses({ store: new MemoryStore() })).rejects.toMatchObject(refused);
  });

  it("a client of another library", async () => {
    await expect(readPulses({})).rejects.toMatchObject({ code: "HOLDFAST_CLIENT_INVALID" });
  });
});
