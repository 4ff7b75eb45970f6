/** The near cache's bounds: characters, age, one connection for all who use a client, and an end. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import type { RedisClientType } from "redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { NearCache } from "../../lib/repository/cache/near-cache.js";
import type { Stored } from "../../lib/session/stored.js";
import { secret } from "../promises/candidates.js";
import { commandsDuring } from "../support/commands.js";
import { availableServers, startRedis, type TestRedis } from "../support/servers/redis-server.js";

const session = fc.oneof(
  fc.nat(300).map((size): Stored => ({ form: "json", text: "x".repeat(size) })),
  fc.nat(300).map((size): Stored => ({ form: "hash", fields: { cookie: "{}", a: "x".repeat(size) } })),
);
const step = fc.oneof(
  fc.record({ keep: fc.nat(20), stored: session }),
  fc.record({ get: fc.nat(20) }),
  fc.record({ drop: fc.nat(20) }),
  fc.record({ pass: fc.nat(3000) }),
  fc.constant({ sweep: true }),
  fc.constant({ clear: true }),
);

test("generated: never more entries or characters than allowed, none that is too old, and the count is right", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new NearCache({ maxEntries: 8, maxCharacters: 5000, ttl: 2 });
      cache.turnOn();
      let now = 0;
      const keptAt = new Map<string, number>();
      for (const one of steps) {
        if ("keep" in one) {
          cache.end(cache.begin(String(one.keep)), one.stored, now);
          keptAt.set(String(one.keep), now);
        } else if ("get" in one) {
          const key = String(one.get);
          if (cache.get(key, now)) expect(now - keptAt.get(key)!).toBeLessThan(2000);
        } else if ("drop" in one) cache.drop(String(one.drop));
        else if ("pass" in one) now += one.pass;
        else if ("sweep" in one) {
          cache.sweep(now);
          expect(cache.size).toBeLessThanOrEqual([...keptAt.values()].filter((at) => now - at < 2000).length);
        } else cache.clear();
        expect(cache.size).toBeLessThanOrEqual(8);
        expect(cache.characters).toBeLessThanOrEqual(5000);
      }
      for (let key = 0; key <= 20; key++) cache.drop(String(key));
      expect([cache.size, cache.characters]).toEqual([0, 0]);
    }),
  );
});

test("one large session does not push out the others", () => {
  const cache = new NearCache({ maxCharacters: 5000 });
  cache.turnOn();
  cache.end(cache.begin("small"), { form: "json", text: "x".repeat(100) });
  cache.end(cache.begin("large"), { form: "json", text: "x".repeat(101) });
  expect(cache.size).toBe(1);
});

describe.each(availableServers)("on %s", (kind) => {
  let redis: TestRedis;
  let client: RedisClientType;
  const stores: RedisSessionStore[] = [];
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  beforeEach(async () => {
    redis = await startRedis({ kind });
    client = await redis.client();
    warnings.length = 0;
    process.on("warning", note);
  });
  afterEach(async () => {
    process.off("warning", note);
    for (const store of stores.splice(0)) await store.close();
    await redis.stop();
  });
  const open = (options: object = {}) => {
    const store = new RedisSessionStore({ client, nearCache: {}, ...options });
    stores.push(store);
    return store;
  };
  const connections = async () =>
    ((await client.sendCommand(["CLIENT", "LIST"])) as unknown as string).trim().split("\n").length;
  /** Reads that Redis was asked for. */
  const reads = async (work: () => Promise<unknown>) => (await commandsDuring(client, work))["get"] ?? 0;
  const isServing = (store: RedisSessionStore, id: string) => async () => {
    await store.get(id);
    return (await reads(() => store.get(id))) === 0;
  };

  test("thirty middlewares on one client have one connection besides, and nobody warns of too many listeners", async () => {
    const before = await connections();
    const all = Array.from({ length: 30 }, () => redisSession({ client, secret, nearCache: {} }));
    const [first, last] = [all[0]!.store, all[29]!.store];
    await first.set("a", { cookie: { originalMaxAge: null }, n: 1 } as never);
    await expect.poll(isServing(first, "a"), { timeout: 10_000 }).toBe(true);
    await expect.poll(isServing(last, "a"), { timeout: 10_000 }).toBe(true);
    expect(await connections()).toBe(before + 1);
    for (const sessions of all.slice(0, 29)) await sessions.close();
    expect(await isServing(last, "a")()).toBe(true);
    await all[29]!.close();
    await expect.poll(connections).toBe(before);
    expect(warnings.filter(({ name }) => name === "MaxListenersExceededWarning")).toEqual([]);
    // And it begins anew.
    const again = open();
    await expect.poll(isServing(again, "a"), { timeout: 10_000 }).toBe(true);
  });

  test("what one store changes, another on the same client does not serve as it was", async () => {
    const [one, other] = [open(), open({ layout: "hash" })];
    await one.set("a", { cookie: { originalMaxAge: null }, n: 0 } as never);
    await expect.poll(isServing(other, "a"), { timeout: 10_000 }).toBe(true);
    for (let n = 1; n <= 20; n++) {
      const writer = n % 2 ? one : other;
      await writer.set("a", Object.assign((await writer.get("a"))!, { n }));
      expect(await one.get("a")).toMatchObject({ n });
      expect(await other.get("a")).toMatchObject({ n });
    }
    await one.destroy("a");
    expect(await other.get("a")).toBeNull();
  });

  test("what is too old is let go of, also if its visitor never comes back", async () => {
    const store = open({ nearCache: { ttl: 0.2 } });
    await store.set("a", { cookie: { originalMaxAge: null } } as never);
    await expect
      .poll(
        async () => {
          await store.get("a");
          return reads(() => store.get("a"));
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    await expect.poll(() => reads(() => store.get("a"))).toBe(1);
  });

  test.each(["at once", "later"])("with a client of the app's own, close() lets the process end: %s", async (when) => {
    const program = `
      import { createClient } from "redis";
      import { redisSession } from "holdfast";
      const client = createClient({ url: "${redis.url}" });
      client.on("error", () => {});
      await client.connect();
      const sessions = redisSession({ client, secret: "${"x".repeat(32)}", nearCache: {} });
      if ("${when}" === "later") for (let n = 0; n < 50; n++) await sessions.store.get("a");
      await sessions.close();
      await client.close();
    `;
    const args = ["--input-type=module", "--eval", program];
    const run = promisify(execFile)(process.execPath, args, {
      timeout: 20_000,
      cwd: new URL("../..", import.meta.url),
    });
    await expect(run).resolves.toMatchObject({ stdout: "" });
  });

  test("a connection of our own, closed while it is being made, lets the process end", async () => {
    const program = `
      import { redisSession } from "holdfast";
      await redisSession({ url: "${redis.url}", secret: "${"x".repeat(32)}" }).close();
    `;
    const args = ["--input-type=module", "--eval", program];
    const run = promisify(execFile)(process.execPath, args, {
      timeout: 20_000,
      cwd: new URL("../..", import.meta.url),
    });
    await expect(run).resolves.toMatchObject({ stdout: "" });
  });
});
