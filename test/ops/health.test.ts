/** The answers of `live` and `ready`, for each kind of store, with Redis well, frozen, stopped and back. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import express from "express";
import { RedisStore } from "connect-redis";
import type { Store } from "express-session";
import { createClient } from "redis";
import request from "supertest";
import { describe, expect, it, onTestFinished } from "vitest";
import { MemoryStore, redisSession, RedisSessionStore } from "holdfast";
import { MigratingStore, Move, MoveControl } from "holdfast/migrate";
import { health } from "holdfast/ops";
import { secret } from "../promises/candidates.js";
import { listen } from "../support/heard.js";
import { freePort } from "../support/servers/free-port.js";
import { startRedis } from "../support/servers/redis-server.js";

const timeout = 300;

/** A Redis, and sessions that this kind of app keeps in it. */
async function open(kind: "its own connection" | "the app's client" | "connect-redis' store") {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const sessions = await sessionsOf(kind, redis.url);
  const app = express();
  const { live, ready, check } = health(sessions, { timeout });
  app.get("/live", live).get("/ready", ready).use(sessions);
  return { app, check, redis };
}

async function sessionsOf(kind: string, url: string) {
  if (kind === "its own connection") {
    const sessions = redisSession({ url, secret });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    return sessions;
  }
  const client = await createClient({ url })
    .on("error", () => {})
    .connect();
  onTestFinished(() => client.destroy());
  if (kind === "the app's client") return redisSession({ client, secret });
  return redisSession({ store: new RedisStore({ client }) as unknown as Store, secret });
}

describe.each(["its own connection", "the app's client", "connect-redis' store"] as const)("with %s", (kind) => {
  it("both are 200 while Redis is well, and looking sends no signal", async () => {
    const { app } = await open(kind);
    const heard = listen("session:");
    const ready = await request(app).get("/ready").expect(200).expect("Cache-Control", "no-store");
    expect(ready.body).toEqual({ status: "ok", duration: expect.any(Number) });
    await request(app).get("/live").expect(200, { status: "ok" });
    await request(app).head("/ready").expect(200);
    expect(heard).toEqual([]);
  });

  it("a frozen Redis makes `ready` 503 within its timeout, with the reason; `live` stays 200; both recover", async () => {
    const { app, redis } = await open(kind);
    redis.process.kill("SIGSTOP");
    onTestFinished(() => void redis.process.kill("SIGCONT"));
    const begun = performance.now();
    const { body } = await request(app).get("/ready").expect(503);
    expect(performance.now() - begun).toBeLessThan(timeout + 400);
    expect(body).toMatchObject({ status: "unavailable", reason: "timeout" });
    await request(app).get("/live").expect(200);
    redis.process.kill("SIGCONT");
    await expect.poll(async () => (await request(app).get("/ready")).status, { timeout: 5000 }).toBe(200);
  });

  it("a Redis that is gone makes `ready` 503, without an address in the answer", async () => {
    const { app, redis } = await open(kind);
    await redis.stop();
    await expect.poll(async () => (await request(app).get("/ready")).status, { timeout: 5000 }).toBe(503);
    const { text } = await request(app).get("/ready").expect(503);
    expect(text).not.toContain(new URL(redis.url).port);
    expect(JSON.parse(text)).toMatchObject({ status: "unavailable", message: expect.any(String) });
  });
});

describe("during a move, `ready` asks exactly the stores that visitors depend on", () => {
  class Breakable extends MemoryStore {
    isDown = false;
    override get: MemoryStore["get"] = (sid, callback) =>
      this.isDown ? callback(new Error("the database is away")) : super.get(sid, callback);
  }

  it.each([
    { at: "before it", legacyDown: 503, redisDown: 200 },
    { at: "dial 0", dial: 0, legacyDown: 503, redisDown: 200 },
    { at: "dial 50", dial: 50, legacyDown: 503, redisDown: 503 },
    { at: "dial 100", dial: 100, legacyDown: 200, redisDown: 503 },
  ])("$at", async ({ dial, legacyDown, redisDown }) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const client = await createClient({ url: redis.url })
      .on("error", () => {})
      .connect();
    onTestFinished(() => client.destroy());
    const legacy = new Breakable();
    const store = new MigratingStore({ legacy, redis: new RedisSessionStore({ client, commandTimeout: 200 }) });
    onTestFinished(() => store.close());
    const app = appOf(health({ store }, { timeout: 2000 }).ready);
    await request(app).get("/").expect(200);
    if (dial !== undefined) {
      const move = new Move(new MoveControl(client));
      await move.start();
      if (dial > 0) await move.turn(dial, { acceptLoss: true });
    }
    legacy.isDown = true;
    await request(app).get("/").expect(legacyDown);
    legacy.isDown = false;
    await request(app).get("/").expect(200);
    redis.process.kill("SIGSTOP");
    onTestFinished(() => void redis.process.kill("SIGCONT"));
    await request(app).get("/").expect(redisDown);
  });
});

const appOf = (handler: (req: IncomingMessage, res: ServerResponse) => void) => createServer(handler);

it("a process that has not reached Redis yet is alive, but not ready", async () => {
  const port = await freePort();
  const sessions = redisSession({ url: `redis://127.0.0.1:${port}`, secret });
  onTestFinished(() => sessions.close());
  const { live, ready } = health(sessions, { timeout });
  await request(appOf(live)).get("/").expect(200);
  await request(appOf(ready)).get("/").expect(503);
  const redis = await startRedis({ port });
  onTestFinished(() => redis.stop());
  await expect.poll(async () => (await request(appOf(ready)).get("/")).status, { timeout: 10_000 }).toBe(200);
});

it.each([{ sessions: undefined }, { sessions: {} }, { sessions: { store: {} } }, { sessions: () => {} }])(
  "$sessions, which has no store, is rejected with what to pass",
  ({ sessions }) => {
    expect(() => health(sessions as never)).toThrow(expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }));
  },
);

it.each([0, -1, Number.NaN, Infinity, 2 ** 31, "1s"])("a timeout of %s is rejected", (given) => {
  const store = new MemoryStore();
  expect(() => health({ store }, { timeout: given as number })).toThrow("timeout");
});
