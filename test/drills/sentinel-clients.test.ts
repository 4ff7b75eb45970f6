/** Drill: every client library that knows Sentinel; the primary is killed, then its replica serves. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { drivers } from "../support/drivers.js";
import { redisServerPath } from "../support/programs.js";
import { startSentinel, type TestSentinel } from "../support/servers/redis-sentinel.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { serves } from "../redis/serves.js";

const session = (values: object = {}): any => ({ cookie: { originalMaxAge: null }, ...values });

describe.skipIf(!redisServerPath)("Sentinel", () => {
  expectNothingUnhandled();
  let sentinel: TestSentinel;
  beforeEach(async () => {
    sentinel = await startSentinel();
  }, 60_000);
  afterEach(() => sentinel?.stop());

  const known = drivers.filter((driver) => driver.sentinel).map((driver) => [driver.name, driver] as const);
  test.each(known)("%s: what replicas have confirmed survives", { timeout: 60_000 }, async (_name, driver) => {
    const client = await driver.sentinel!(sentinel.name, sentinel.nodes);
    try {
      await serves(client);
      const store = new RedisSessionStore({ client, durability: { replicas: 2, timeout: 2000 } });
      await store.set("a", session({ n: 1 }));
      sentinel.servers[0]!.process.kill("SIGKILL");
      const changed = async () => {
        const plain = new RedisSessionStore({ client });
        const data: any = await plain.get("a");
        return plain.set("a", Object.assign(data, { n: data.n + 1 }));
      };
      await expect.poll(() => changed().catch(() => "failed"), { timeout: 30_000, interval: 200 }).not.toBe("failed");
      expect(await store.get("a")).toMatchObject({ n: 2 });
    } finally {
      await driver.close(client);
    }
  });
});
