/** When a lifetime is refreshed: by the process' own clock, whatever happens to the time, and at once when it is another one. */
import type { SessionData } from "express-session";
import fc from "fast-check";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { RedisSessionStore } from "holdfast";
import { TouchLedger } from "../../lib/session/lifetime/touch-ledger.js";
import { useRedis } from "../support/servers/use-redis.js";

describe("the ledger", () => {
  test("skips only what says the same within the interval: the same lifetime, or the same end", () => {
    const second = fc.integer({ min: 0, max: 100_000 });
    const property = fc.property(
      second,
      second,
      fc.integer({ min: 1, max: 60 }),
      second,
      (seconds, again, interval, elapsed) => {
        const ledger = new TouchLedger();
        ledger.note("a", { seconds, interval }, 1000);
        const saysTheSame = Math.abs(seconds - again) <= 1 || Math.abs(seconds - elapsed - again) <= 1;
        expect(ledger.isDue("a", again, 1000 + elapsed * 1000)).toBe(elapsed >= interval || !saysTheSame);
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  test("knows nothing of others, and takes a clock that began anew for an end of the interval", () => {
    const ledger = new TouchLedger();
    expect(ledger.isDue("a", 60, 0)).toBeUndefined();
    ledger.note("a", { seconds: 60, interval: 3 }, 1_000_000);
    expect(ledger.isDue("a", 60, 5)).toBe(true);
  });
});

describe.each(["json", "hash"] as const)("a store with layout %s", (layout) => {
  const redis = useRedis();
  let client: RedisClientType;
  beforeAll(async () => {
    client = await redis.client();
  });
  beforeEach(() => client.flushDb());
  afterEach(() => void vi.useRealTimers());

  const hour = 3_600_000;

  test.each([-24, -1, 1, 24])(
    "goes on refreshing when the clock steps by %i hours, and ends no session",
    async (hours) => {
      const store = new RedisSessionStore({ client, layout, touchInterval: 0.05 });
      const session = () => ({ cookie: { originalMaxAge: hour, expires: new Date(Date.now() + hour) } }) as SessionData;
      await store.set("a", session());
      const now = Date.now();
      vi.useFakeTimers({ toFake: ["Date"], now: now + hours * hour });
      const loaded = (await store.get("a"))!;
      const started = performance.now();
      await vi.waitFor(() => expect(performance.now() - started).toBeGreaterThan(60), {
        interval: 10,
        timeout: 15_000,
      });
      await client.expire("sess:a", 100);
      await store.touch("a", { ...loaded, ...session() });
      expect(await client.ttl("sess:a")).toBeGreaterThan(3590);
      // A process that began after the step knows only what lies in Redis.
      await client.expire("sess:a", 100);
      const fresh = new RedisSessionStore({ client, layout });
      await fresh.touch("a", { ...(await fresh.get("a"))!, ...session() });
      expect(await client.ttl("sess:a")).toBeGreaterThan(3590);
    },
  );
});
