/** `durability`: a save that too few replicas confirmed is an error. */
import type { SessionData } from "express-session";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RedisSessionStore } from "holdfast";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/redis-server.js";

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
});
