/** What is told about Redis: commands, and outages with their length. */
import { Redis } from "ioredis";
import { createClient, type RedisClientType } from "redis";
import { redisSession } from "holdfast";
import { health, onSignal } from "holdfast/ops";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { guardClient } from "../../lib/redis/index.js";
import { secret } from "../promises/candidates.js";
import { listen, namesOf } from "../support/heard.js";
import { freePort } from "../support/servers/free-port.js";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
const rules = { silence: 100, grace: 50, timeouts: 3, probeEvery: 50, probes: 4 };

describe("each command", () => {
  it("with its name, its client and its duration", async () => {
    const heard = listen("redis:command");
    const guarded = guardClient(client);
    await guarded.set("a key", "1");
    await guarded.hGetAll("another key");
    await guarded.fieldsOf("another key");
    await guarded.wait(0, 10);
    await guarded.scan(undefined, "0", { MATCH: "*", COUNT: 10 });
    await guarded.eval("return 1", { keys: [], arguments: [] });
    expect(heard.map(({ payload }) => payload["command"])).toEqual([
      "SET",
      "HGETALL",
      "HGETALL",
      "WAIT",
      "SCAN",
      "EVAL",
    ]);
    for (const { payload } of heard) {
      expect(payload["client"]).toBe(client);
      expect(payload["duration"]).toBeGreaterThan(0);
      expect(payload["error"]).toBeUndefined();
    }
  });

  it("also if it fails", async () => {
    await client.set("text", "1");
    const heard = listen("redis:command");
    await expect(guardClient(client).hGetAll("text")).rejects.toThrow("WRONGTYPE");
    expect(heard.map(({ payload }) => payload["command"])).toEqual(["HGETALL"]);
    expect(String(heard[0]!.payload["error"])).toContain("WRONGTYPE");
  });

  it("with the same result as without listeners", async () => {
    const guarded = guardClient(client);
    await client.hSet("a hash", { one: "1", __proto__: "2" });
    const before = await guarded.fieldsOf("a hash");
    listen("redis:command");
    expect(await guarded.fieldsOf("a hash")).toEqual(before);
    expect(await guarded.fieldsOf("a hash")).toEqual(before);
  });
});

describe("an outage is told once when it begins and once when it ends, with its length", () => {
  it("of a Redis that does not answer", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = await createClient({ url: server.url })
      .on("error", () => {})
      .connect();
    onTestFinished(() => client.destroy());
    const guarded = guardClient(client, { commandTimeout: 100, rules });
    await guarded.ping();
    const heard = listen("redis:");
    const times: number[] = [];
    for (const name of ["redis:unavailable", "redis:available"] as const)
      onTestFinished(onSignal(name, () => void times.push(performance.now())));
    await (await server.client()).sendCommand(["CLIENT", "PAUSE", "2000"]);
    await expect.poll(() => guarded.ping().catch(() => guarded.isAvailable)).toBe(false);
    await expect.poll(() => guarded.ping().catch(() => "fails"), { timeout: 5000 }).toBe("PONG");
    const outage = heard.filter(({ name }) => name !== "redis:command");
    expect(namesOf(outage)).toEqual(["redis:unavailable", "redis:available"]);
    expect(outage[0]!.payload).toEqual({ client, reason: "silent" });
    expect(outage[1]!.payload).toMatchObject({ client, reason: "silent" });
    // From the first command without a reply on, not only from when Redis counts as down.
    const noticed = times[1]! - times[0]!;
    expect(outage[1]!.payload["duration"]).toBeGreaterThan(noticed + rules.silence);
  });

  it("but not by a client library with a shorter deadline of its own, which gives up on one command", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = new Redis(server.url, { commandTimeout: 200 });
    onTestFinished(() => client.disconnect());
    const guarded = guardClient(client as never, { rules: { silence: 60_000 } });
    const answer = () => guarded.ping().catch(({ reason }: { reason: string }) => reason);
    await expect.poll(answer).toBe("PONG");
    const heard = listen("redis:");
    await (await server.client()).sendCommand(["CLIENT", "PAUSE", "600"]);
    expect(await answer()).toBe("timeout");
    await expect.poll(answer, { timeout: 5000 }).toBe("PONG");
    expect(namesOf(heard).filter((name) => name !== "redis:command")).toEqual([]);
  });

  it("of a Redis that is restarted", async () => {
    const port = await freePort();
    const server = await startRedis({ port });
    const sessions = redisSession({ url: server.url, secret });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    const heard = listen("redis:");
    await server.stop();
    await expect.poll(() => namesOf(heard)).toContain("redis:unavailable");
    const again = await startRedis({ port });
    onTestFinished(() => again.stop());
    await expect.poll(() => namesOf(heard), { timeout: 10_000 }).toContain("redis:available");
    expect(namesOf(heard)).toEqual(["redis:unavailable", "redis:available"]);
    expect(heard[0]!.payload).toEqual({ client: sessions.client, reason: "disconnected" });
    expect(heard[1]!.payload["duration"]).toBeGreaterThan(0);
  });
});

describe("why there is no connection", () => {
  it.each([
    { reason: "password", setting: ["requirepass", "secret"], words: "Redis refused the login" },
    { reason: "connections", setting: ["maxclients", "1"], words: "Redis accepts no more connections" },
  ])("is told as $reason, and not as down", async ({ reason, setting, words }) => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const operator = await server.client();
    await operator.sendCommand(["CONFIG", "SET", ...setting]);
    const sessions = redisSession({ url: server.url, secret });
    onTestFinished(() => sessions.close());
    const guarded = guardClient(sessions.client as never);
    const failure = () => guarded.ping().catch((error: unknown) => error);
    await expect.poll(failure).toMatchObject({ reason, message: expect.stringContaining(words) });
    const { check } = health(sessions);
    expect(await check()).toMatchObject({ reason });
  });
});
