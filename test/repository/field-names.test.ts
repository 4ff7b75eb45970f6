/** Whatever keys a session has, and however many: the layout `hash` does what the layout `json` does. */
import { deepStrictEqual } from "node:assert/strict";
import type { SessionData } from "express-session";
import fc from "fast-check";
import { createClient, type RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore, sum, type MergeRules } from "holdfast";
import { availableServers } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";

const special = Object.getOwnPropertyNames(Object.prototype);
const name = fc
  .oneof(
    fc.constantFrom(...special, "toJSON", "then", "length", "form", "fields", "", " ", "a", "b", "0", "-1", "\u0000"),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  )
  .filter((key) => !["cookie", "id", "req"].includes(key));
const value = fc.oneof(fc.nat(5), fc.constantFrom(null, "x", "\uFFFD", [], { a: { b: 1 } }));
const change = fc.record({ name, value: fc.option(value, { nil: undefined }) });

type Values = SessionData & Record<string, unknown>;
const fresh = () => ({ cookie: { originalMaxAge: null } }) as unknown as Values;
function put(session: object, key: string, content: unknown): void {
  if (content === undefined) delete (session as Record<string, unknown>)[key];
  else Object.defineProperty(session, key, { value: content, enumerable: true, configurable: true, writable: true });
}
/** In the order of its keys, which differs between layouts. */
const sorted = (data: object | null) => data && Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));

describe.each(availableServers.flatMap((kind) => [2, 3].map((resp) => ({ kind, resp }))))(
  "$kind, RESP $resp",
  ({ kind, resp }) => {
    const redis = useRedis({ kind });
    let client: RedisClientType;
    beforeAll(async () => {
      client = createClient({ url: redis.url, RESP: resp as 2 }) as unknown as RedisClientType;
      client.on("error", () => {});
      await client.connect();
    });
    beforeEach(() => client.flushDb());
    afterAll(async () => {
      client.destroy();
    });
    const patient = 30_000; // a script with forty thousand fields takes seconds on a busy machine
    const stores = (merge: MergeRules = {}) =>
      (["json", "hash"] as const).map(
        (layout) => new RedisSessionStore({ client, layout, prefix: `${layout}:`, merge, commandTimeout: patient }),
      );

    test("generated names: saved, changed, removed and merged as in the layout json", { timeout: 60_000 }, async () => {
      const changes = fc.array(change, { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(
          changes,
          changes,
          changes,
          fc.subarray(["toString", "a", "valueOf"]),
          async (first, one, other, counted) => {
            const rules = Object.fromEntries(counted.map((key) => [key, sum]));
            const results = [];
            for (const store of stores(rules)) {
              const session = fresh();
              for (const { name: key, value: content } of first) put(session, key, content);
              await store.destroy("s");
              await store.set("s", session);
              const [mine, theirs] = [(await store.get("s"))!, (await store.get("s"))!];
              for (const { name: key, value: content } of one) put(mine, key, content);
              for (const { name: key, value: content } of other) put(theirs, key, content);
              await store.set("s", theirs);
              await store.set("s", mine);
              results.push(sorted(await store.get("s")));
            }
            deepStrictEqual(results[1], results[0]);
          },
        ),
        { numRuns: 100 },
      );
    });

    test.each(kind === "redis" && resp === 3 ? [4_000, 40_000] : [4_000])(
      "%i changed keys at once",
      { timeout: 60_000 },
      async (count) => {
        const results = [];
        for (const store of stores()) {
          const session = fresh();
          for (let n = 0; n < count; n++) session[`k${n}`] = n;
          await store.set("s", session);
          const [mine, theirs] = [(await store.get("s")) as Values, (await store.get("s")) as Values];
          for (let n = 0; n < count; n++) {
            if (n % 3 === 0) delete mine[`k${n}`];
            else mine[`k${n}`] = `new ${n}`;
            mine[`more${n}`] = n;
          }
          theirs["k1"] = "theirs";
          theirs["other"] = true;
          await store.set("s", theirs);
          await store.set("s", mine);
          const end = (await store.get("s")) as Values;
          expect(end["other"]).toBe(true);
          expect(end["k1"]).toBe("new 1");
          results.push(sorted(end));
        }
        deepStrictEqual(results[1], results[0]);
        // And each layout takes over from the other.
        for (const layout of ["hash", "json"] as const) {
          const store = new RedisSessionStore({ client, layout, prefix: "json:", commandTimeout: patient });
          const session = (await store.get("s")) as Values;
          session["moved"] = layout;
          await store.set("s", session);
          expect(Object.keys((await store.get("s"))!)).toHaveLength(results[0]!.length + 1);
        }
      },
    );

    test("the report of a session that is too large names them as they are", async () => {
      for (const layout of ["json", "hash"] as const) {
        const store = new RedisSessionStore({ client, layout, maxBytes: 100 });
        const session = fresh();
        for (const key of ["__proto__", "valueOf", "constructor"]) put(session, key, "x".repeat(200));
        await expect(store.set("s", session)).rejects.toThrow(
          /__proto__ \(202\), valueOf \(202\), constructor \(202\)/,
        );
      }
    });
  },
);
