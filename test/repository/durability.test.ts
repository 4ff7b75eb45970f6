/** `durability`: a save that too few replicas confirmed is an error. */
import type { SessionData } from "express-session";
import { createClient, createClientPool } from "redis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RedisSessionStore } from "holdfast";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { repositoryOf } from "../../lib/express-session/index.js";

const fresh = () => ({ cookie: { originalMaxAge: null }, n: 1 }) as unknown as SessionData;

describe.skipIf(!redisServerPath).each(["json", "hash"] as const)("layout %s", (layout) => {
  let primary: TestRedis;
  let replica: TestRedis;
  beforeAll(async () => {
    primary = await startRedis({ kind: "redis", args: ["--repl-diskless-sync-delay", "0"] });
    replica = await startRedis({ kind: "redis", args: ["--replicaof", `127.0.0.1 ${primary.port}`] });
    const client = await primary.client();
    await vi.waitUntil(async () => (await client.info("replication")).includes("state=online"), { timeout: 15_000 });
  });
  afterAll(async () => {
    await replica.stop();
    await primary.stop();
  });

  test("what was saved, changed and destroyed is on the replica by then", async () => {
    const store = new RedisSessionStore({
      client: await primary.client(),
      layout,
      durability: { replicas: 1, timeout: 2000 },
    });
    const copy = await replica.client();
    const text = async () =>
      JSON.stringify(layout === "json" ? await copy.get("sess:a") : await copy.hGetAll("sess:a"));
    await store.set("a", fresh());
    expect(await copy.exists("sess:a")).toBe(1);
    const session = (await store.get("a"))!;
    await store.set("a", Object.assign(session, { later: true }));
    expect(await text()).toContain("later");
    await store.destroy("a");
    expect(await copy.exists("sess:a")).toBe(0);
  });

  test("too few replicas: the save fails and says so", async () => {
    const store = new RedisSessionStore({
      client: await primary.client(),
      layout,
      durability: { replicas: 2, timeout: 50 },
    });
    await expect(store.set("b", fresh())).rejects.toMatchObject({
      code: "SESSION_NOT_REPLICATED",
      status: 503,
      message: expect.stringContaining("1 of 2 replicas"),
    });
  });

  test("every way to write waits for the replicas, and writes first", async () => {
    const client = await primary.client();
    const store = new RedisSessionStore({ client, layout, durability: { replicas: 2, timeout: 20 } });
    const plain = new RedisSessionStore({ client, layout });
    const begin = async () => {
      await plain.set("c", fresh());
      return (await store.get("c"))!;
    };
    const writes: Record<string, () => Promise<unknown>> = {
      "a new session": () => store.set("new", fresh()),
      "a change": async () => store.set("c", Object.assign(await begin(), { later: 1 })),
      "other settings of the cookie": async () => {
        const session = await begin();
        (session.cookie as { path?: string }).path = "/other";
        await store.touch("c", session);
      },
      "a session that is over": async () => store.set("c", { ...fresh(), cookie: { expires: new Date(1) } } as never),
      destroy: async () => (await begin(), store.destroy("c")),
      bury: () => repositoryOf(store).transfer.bury("grave", 10),
      "put where nothing is": () =>
        repositoryOf(store).transfer.put(`put${Math.random()}`, fresh(), { onlyIfAbsent: true }),
      "put whatever is there": () => repositoryOf(store).transfer.put("put", fresh(), { onlyIfAbsent: false }),
      clear: async () => (await begin(), store.clear()),
    };
    const expected = {
      code: "SESSION_NOT_REPLICATED",
      status: 503,
      headers: { "Retry-After": "1" },
      reason: "replicas",
    };
    for (const [name, write] of Object.entries(writes)) {
      const error: unknown = await write().catch((reason: unknown) => reason);
      expect({ name, error }).toMatchObject({ name, error: expected });
    }
  });

  test("a Redis user who may not send WAIT is told so, with a code", async () => {
    const admin = await primary.client();
    await admin.sendCommand(["ACL", "SETUSER", "nowait", "on", "nopass", "~*", "&*", "+@all", "-wait"]);
    const client = createClient({ url: primary.url, username: "nowait", password: "x" });
    client.on("error", () => {});
    await client.connect();
    const store = new RedisSessionStore({ client, layout, durability: { replicas: 1 } });
    for (const write of [
      store.set("w", fresh()),
      store.destroy("w"),
      repositoryOf(store).transfer.put("w2", fresh(), { onlyIfAbsent: false }),
    ]) {
      await expect(write).rejects.toMatchObject({
        code: "SESSION_NOT_REPLICATED",
        status: 503,
        reason: "no-permission",
        message: expect.stringContaining("+wait"),
      });
    }
    client.destroy();
  });
});

test("a pool has several connections, and WAIT says nothing of the others: refused at the start", () => {
  const client = createClientPool();
  expect(() => new RedisSessionStore({ client, durability: { replicas: 1 } })).toThrow(
    expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }),
  );
});
