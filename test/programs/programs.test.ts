import { randomBytes } from "node:crypto";
import session, { MemoryStore, type SessionData } from "express-session";
import fc from "fast-check";
import { Redis } from "ioredis";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { redisSession, type RedisSessionMiddleware } from "holdfast";
import { SessionKeys } from "../../lib/repository/keys/session-keys.js";
import { repositoryOf } from "../../lib/express-session/index.js";
import { isReservedKey } from "../../lib/session/index.js";
import { useRedis } from "../support/servers/use-redis.js";
import { shared, steps, type Shared, type Step } from "./program.js";
import { differences, openSite, type Middleware, type Outcome, type Side, type Site } from "./two-sides.js";

const runs = Number(process.env["HOLDFAST_PROGRAMS"] ?? 150);
const seed = Number(process.env["HOLDFAST_SEED"] ?? 20_261_128);
const secret = "programs: a secret that is long enough for everyone";
const prefix = "program:";
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];

const redis = useRedis();
let client: RedisClientType;
let other: Redis;
let model: Site;
let ours: Site;
const opened = new Map<string, RedisSessionMiddleware>();

beforeAll(async () => {
  client = await redis.client();
  other = new Redis(redis.port);
  [model, ours] = [await openSite(), await openSite()];
});
afterAll(async () => {
  for (const one of opened.values()) await one.close();
  await model.close();
  await ours.close();
  other.disconnect();
});

/** How the processes of a site store sessions. */
interface Form {
  layout: "json" | "hash";
  compress: boolean;
  encrypt: "off" | "reads" | "old" | "old, new" | "new, old" | "new";
  hashIds: false | "prepare" | "move" | true;
  nearCache: boolean;
  client: "redis" | "ioredis";
}

const encryptions = {
  off: undefined,
  reads: { keys: oldKey, write: false },
  old: oldKey,
  "old, new": [oldKey, newKey],
  "new, old": [newKey, oldKey],
  new: newKey,
};

const layout = fc.constantFrom("json" as const, "hash" as const);
const free = { layout, compress: fc.boolean(), client: fc.constantFrom("redis" as const, "ioredis" as const) };

/** Neighbors on the ways that docs/storage.md describes may run side by side. */
const ways = {
  encrypt: ["off", "reads", "old", "old, new", "new, old"] as const,
  hashIds: [false, "prepare", "move"] as const,
};

/** From one step to another one; the last steps back would need all sessions to have been used or to have expired. */
function walk(min: number, max: number): fc.Arbitrary<number[]> {
  const end = fc.integer({ min, max });
  return fc.tuple(end, end).map((ends) => ends.toSorted((a, b) => a - b));
}

/** Three processes that are replaced while the program runs. */
const fleet = fc
  .record({
    processes: fc.array(fc.record(free), { minLength: 3, maxLength: 3 }),
    encrypt: walk(0, ways.encrypt.length - 1),
    hashIds: fc.oneof(walk(0, ways.hashIds.length - 1), fc.constant<number[]>([2, 1])),
  })
  .map(({ processes, encrypt, hashIds }) => (step: Step, number: number, of: number): Form => {
    const at = <T>(way: readonly T[], [from, to]: readonly number[]): T => {
      const exact = from! + ((to! - from!) * number) / of;
      return way[step.process % 2 ? Math.floor(exact) : Math.ceil(exact)]!;
    };
    const process = processes[step.process]!;
    return { ...process, nearCache: false, encrypt: at(ways.encrypt, encrypt), hashIds: at(ways.hashIds, hashIds) };
  });

/** One process for the whole program. */
const alone = fc
  .record({
    ...free,
    nearCache: fc.boolean(),
    encrypt: fc.constantFrom("off" as const, "new" as const),
    hashIds: fc.constantFrom(false, true),
  })
  .map((form: Form) => () => form);

function middlewareFor(form: Form, { maxAge, ...options }: Shared): RedisSessionMiddleware {
  const name = JSON.stringify([form, maxAge, options]);
  let middleware = opened.get(name);
  if (!middleware) {
    const { compress, encrypt, nearCache, client: kind, ...rest } = form;
    middleware = redisSession({
      ...rest,
      ...options,
      client: kind === "redis" ? client : other,
      compress: compress ? 1 : undefined,
      encrypt: encryptions[encrypt],
      nearCache: nearCache ? {} : undefined,
      cookie: { ...(maxAge === null ? {} : { maxAge }), secure: false, sameSite: false },
      touchInterval: 0,
      prefix,
      secret,
    } as never) as RedisSessionMiddleware;
    opened.set(name, middleware);
  }
  return middleware;
}

function ourSide(options: Shared, formOf: (step: Step, number: number) => Form): Side {
  return {
    middleware: (step, number) => middlewareFor(formOf(step, number), options) as unknown as Middleware,
    async kept(id, step, number) {
      const { store } = middlewareFor(formOf(step, number), options);
      await repositoryOf(store as never).whenIdle();
      const keys = new SessionKeys(prefix, "prepare");
      const times = await Promise.all([keys.own(id), keys.other(id)].map((key) => client.pTTL(key)));
      const there = times.filter((time) => time !== -2);
      if (there.length > 1) throw new Error("the session is under both keys");
      const data = await new Promise<SessionData | null | undefined>((resolve, reject) =>
        store.get(id, (error: unknown, found) => (error ? reject(error as Error) : resolve(found))),
      );
      if (!data) return null;
      return { values: valuesOf(data), secondsLeft: data.cookie.expires ? there[0]! / 1000 : null };
    },
  };
}

function modelSide({ maxAge, ...options }: Shared): Side {
  const store = new MemoryStore();
  const cookie = { ...(maxAge === null ? {} : { maxAge }), secure: false, sameSite: false };
  const middleware = session({ ...options, cookie, secret, store } as never) as unknown as Middleware;
  return {
    middleware: () => middleware,
    kept: (id) =>
      new Promise((resolve) => {
        store.get(id, (_error, data) => {
          if (!data) return resolve(null);
          const { expires } = data.cookie;
          resolve({ values: valuesOf(data), secondsLeft: expires ? (+new Date(expires) - Date.now()) / 1000 : null });
        });
      }),
  };
}

/** Without keys that express-session never loads, such as `toString`: ours leaves them as they were stored. */
function valuesOf({ cookie, ...all }: SessionData): unknown {
  const values = Object.fromEntries(Object.entries(all).filter(([key]) => !isReservedKey(key)));
  const { originalMaxAge, httpOnly, path } = cookie;
  return { values, cookie: { originalMaxAge, httpOnly, path } };
}

/** Only what a visitor or the next request could notice. */
function noticed(outcomes: Outcome[]): unknown {
  return JSON.parse(JSON.stringify(outcomes));
}

test.each([
  { name: "three processes, which are replaced while it runs", forms: fleet },
  { name: "one process", forms: alone },
])("a random program ends as on express-session: $name", { timeout: 600_000 }, async ({ forms }) => {
  const property = fc.asyncProperty(shared, steps, forms, async (options, program, formAt) => {
    const theirs = await model.run(modelSide(options), program);
    const formOf = (step: Step, number: number) => formAt(step, number, program.length);
    const mine = await ours.run(ourSide(options, formOf), program);
    for (const [number, { lines }] of program.entries()) {
      // Ours sends the cookie along with its new settings, also if it does not expire.
      const hasNewSettings = lines.some((line) => line.do === "age" || line.do === "flag");
      if (hasNewSettings && !theirs[number]!.cookie) mine[number]!.cookie = undefined;
    }
    const found = differences(noticed(theirs), noticed(mine));
    if (found.length > 0) {
      const used = program.map((step, number) => JSON.stringify(formOf(step, number)));
      expect.fail(`${found.slice(0, 6).join("\n")}\n${used.join("\n")}`);
    }
  });
  await fc.assert(property, { seed, numRuns: runs, endOnFailure: false, interruptAfterTimeLimit: 90_000 });
});
