/** Saves of one session that overlap in one process: few commands, few bytes, none lost, none held up by another. */
import type { SessionData } from "express-session";
import fc from "fast-check";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  append,
  max,
  redisSession,
  RedisSessionStore,
  sum,
  union,
  type RedisLayoutOptions,
  type RedisSessionStoreOptionsBase,
} from "holdfast";
import { SaveChain, Save } from "../../lib/repository/saving/save-chain.js";
import { secret } from "../promises/candidates.js";
import { callsOf } from "../support/commands.js";
import { redisServerPath } from "../support/programs.js";
import { availableServers, startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { Meeting, startSite, Visitor, type Handler } from "../support/web-site.js";

type Values = SessionData & Record<string, any>;
const fresh = (values: object = {}) => ({ cookie: { originalMaxAge: null }, ...values }) as unknown as Values;
type Variant = RedisLayoutOptions & RedisSessionStoreOptionsBase;
const variants: Variant[] = [
  { layout: "json" },
  { layout: "hash" },
  { layout: "json", nearCache: {} },
  { layout: "hash", nearCache: {} },
];

describe.each(availableServers)("on %s", (kind) => {
  let redis: TestRedis;
  let client: RedisClientType;
  beforeAll(async () => {
    redis = await startRedis({ kind });
    client = await redis.client();
  });
  beforeEach(() => client.flushDb());
  afterAll(() => redis.stop());
  const open = async (options: Variant) =>
    new RedisSessionStore({ client: options.nearCache ? await redis.client() : client, ...options });
  const load = async (store: RedisSessionStore) => (await store.get("a")) as Values;
  /** Commands, also those inside of scripts; scripts; and bytes that Redis read and wrote. */
  const costs = async (work: () => Promise<unknown>) => {
    const figures = async () => {
      const stats = await client.info("stats");
      const figure = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)![1]);
      return {
        commands: figure("total_commands_processed"),
        scripts: await callsOf(client, "evalsha"),
        bytes: figure("total_net_input_bytes") + figure("total_net_output_bytes"),
      };
    };
    const before = await figures();
    await work();
    const after = await figures();
    return {
      commands: after.commands - before.commands - 2,
      scripts: after.scripts - before.scripts,
      bytes: after.bytes - before.bytes,
    };
  };

  test.each(variants)(
    "%j: 400 requests at once cost at most 3 commands each, of which at most two dozen write, and all are answered and kept",
    async (options) => {
      const sessions = redisSession({ url: redis.url, secret, merge: { count: sum }, touchInterval: 3600, ...options });
      await sessions.ready();
      const meeting = new Meeting(400);
      const handler: Handler = async (req, res, url) => {
        req.session["count"] ??= 0;
        const i = url.searchParams.get("i");
        if (i !== null) {
          await meeting.arrive();
          req.session["count"]++;
          req.session[`key${i}`] = i;
        }
        res.end(JSON.stringify(req.session));
      };
      const site = await startSite(sessions, handler);
      const visitor = new Visitor(site);
      try {
        await visitor.get("/");
        const { commands, scripts } = await costs(async () => {
          const answers = await Promise.all(Array.from({ length: 400 }, (_, i) => visitor.get(`/?i=${i}`)));
          expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
        });
        expect(commands).toBeLessThan(3 * 400);
        expect(scripts).toBeLessThanOrEqual(24);
        const { count, ...keys } = JSON.parse((await visitor.get("/")).body);
        expect(count).toBe(400);
        expect(Object.keys(keys).filter((key) => key.startsWith("key"))).toHaveLength(400);
      } finally {
        await site.close();
        await sessions.close();
      }
    },
  );

  test.each(variants)("%j: 50 saves of a session of 10 KB at once do not send megabytes", async (options) => {
    const store = await open({ ...options, merge: { count: sum } });
    await store.set("a", fresh({ text: "x".repeat(10_000), count: 0 }));
    const requests = await Promise.all(Array.from({ length: 50 }, () => load(store)));
    const { bytes } = await costs(() =>
      Promise.all(requests.map((session, i) => store.set("a", Object.assign(session, { count: 1, [`k${i}`]: i })))),
    );
    expect(bytes).toBeLessThan(200_000);
    expect(await load(store)).toMatchObject({ count: 50, k0: 0, k49: 49 });
    await store.close();
  });

  test.each(variants)("%j: one after the other, of what was loaded before: no second try either", async (options) => {
    const store = await open({ ...options, merge: { count: sum } });
    await store.set("a", fresh({ count: 0 }));
    const requests = await Promise.all(Array.from({ length: 20 }, () => load(store)));
    await client.configResetStat();
    for (const [i, session] of requests.entries())
      await store.set("a", Object.assign(session, { count: 1, [`k${i}`]: i }));
    expect(await callsOf(client, "evalsha")).toBe(20);
    expect(await load(store)).toMatchObject({ count: 20, k0: 0, k19: 19 });
    await store.close();
  });

  test.each(variants)("%j: what is gone is gone for all that wait", async (options) => {
    const store = await open(options);
    await store.set("a", fresh({ n: 0 }));
    const requests = await Promise.all(Array.from({ length: 20 }, () => load(store)));
    await client.del("sess:a");
    const outcomes = await Promise.all(
      requests.map((session, i) => store.set("a", Object.assign(session, { n: i + 1 }))),
    );
    expect(outcomes).toEqual(Array(20).fill("gone"));
    expect(await client.exists("sess:a")).toBe(0);
    await store.close();
  });

  test.each(variants)("%j: several saves of one object keep their order, and each counts once", async (options) => {
    const store = await open({ ...options, merge: { count: sum } });
    await store.set("a", fresh({ count: 0 }));
    const [one, other] = [await load(store), await load(store)];
    const saves: Promise<unknown>[] = [];
    for (let n = 0; n < 10; n++) {
      one["count"]++;
      one["last"] = n;
      saves.push(store.set("a", one));
      other["count"]++;
      saves.push(store.set("a", other));
    }
    await Promise.all(saves);
    expect(await load(store)).toMatchObject({ count: 20, last: 9 });
    await store.close();
  });

  test("a save that its rule refuses, or its size, fails alone", async () => {
    const merge = {
      bad: () => {
        throw new Error("no");
      },
    };
    const store = await open({ merge, maxBytes: 2000 });
    await store.set("a", fresh({ bad: 0, n: 0 }));
    const requests = await Promise.all(Array.from({ length: 12 }, () => load(store)));
    const results = await Promise.allSettled(
      requests.map((session, i) => {
        session[`k${i}`] = i;
        if (i === 0 || i === 5) session["bad"] = i + 1;
        if (i === 7) session["big"] = "x".repeat(3000);
        return store.set("a", session);
      }),
    );
    const codes = results.map((result) => (result.status === "rejected" ? result.reason.code : "saved"));
    expect(codes[5]).toBe("SESSION_MERGE_RULE_FAILED");
    expect(codes[7]).toBe("SESSION_TOO_LARGE");
    expect(codes.filter((code) => code === "saved")).toHaveLength(10);
    expect(Object.keys(await load(store)).filter((key) => /^k\d/.test(key))).toHaveLength(10);
  });

  test("a failure is told to those that it concerns, and the next save goes on", async () => {
    const store = await open({});
    await store.set("a", fresh({ n: 0 }));
    const requests = await Promise.all(Array.from({ length: 10 }, () => load(store)));
    await client.configSet("maxmemory-policy", "noeviction");
    await client.configSet("maxmemory", "1");
    const results = await Promise.allSettled(
      requests.map((session, i) => store.set("a", Object.assign(session, { [`k${i}`]: i }))),
    );
    for (const result of results)
      expect(result).toMatchObject({ status: "rejected", reason: { reason: "full", status: 503 } });
    await client.configSet("maxmemory", "0");
    await Promise.all(requests.map((session) => store.set("a", session)));
    expect(Object.keys(await load(store)).filter((key) => key.startsWith("k"))).toHaveLength(10);
  });

  test("saves that wait for one that Redis does not answer wait for no second deadline", async () => {
    const [own, other] = [await redis.client(), await redis.client()];
    const store = new RedisSessionStore({ client: own, commandTimeout: 600 });
    await store.set("a", fresh());
    const sessions = await Promise.all(Array.from({ length: 5 }, () => load(store)));
    const saves = sessions.flatMap((session, i) => [Object.assign(session, { [`k${i}`]: i }), session]);
    await other.sendCommand(["CLIENT", "PAUSE", "5000", "WRITE"]);
    try {
      const began = performance.now();
      const failures = saves.map((session, n) => {
        session[`n${n}`] = n; // the same object twice: one write cannot carry both
        return store.set("a", session).catch((error: { reason?: string }) => error.reason);
      });
      expect(await Promise.all(failures)).toEqual(saves.map(() => "timeout"));
      expect(performance.now() - began).toBeLessThan(1100);
    } finally {
      await other.sendCommand(["CLIENT", "UNPAUSE"]);
      await Promise.all([own.close(), other.close()]);
    }
  });

  test("processes and requests, generated: as if one after the other", { timeout: 60_000 }, async () => {
    const merge = { count: sum, seen: max, log: append, tags: union };
    const request = fc.record({
      process: fc.nat(2),
      key: fc.constantFrom("a", "b", "__proto__", "valueOf"),
      value: fc.nat(9),
    });
    const layouts = fc.constantFrom<"json" | "hash">("json", "hash");
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 25 }),
        fc.tuple(layouts, layouts, layouts),
        async (requests, kinds) => {
          await client.flushDb();
          const stores = await Promise.all(kinds.map((layout) => open({ layout, merge })));
          await stores[0]!.set("a", fresh({ count: 5, seen: 0, log: [], tags: [], nested: {} }));
          const loaded = await Promise.all(requests.map(({ process }) => load(stores[process]!)));
          await Promise.all(
            requests.map(({ process, key, value }, i) => {
              const session = loaded[i]!;
              session["count"] += value;
              session["seen"] = value;
              session["log"].push(i);
              session["tags"].push({ v: value });
              Object.defineProperty(session["nested"], `${key}${i}`, { value, enumerable: true });
              return stores[process]!.set("a", session);
            }),
          );
          const end = await load(stores[0]!);
          const values = requests.map(({ value }) => value);
          expect(end["count"]).toBe(5 + values.reduce((a, b) => a + b, 0));
          expect(end["seen"]).toBe(Math.max(...values));
          expect(end["log"].toSorted((a: number, b: number) => a - b)).toEqual(requests.map((_, i) => i));
          expect(end["tags"].map(({ v }: { v: number }) => v).toSorted()).toEqual([...new Set(values)].toSorted());
          expect(Object.keys(end["nested"])).toHaveLength(requests.length);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test("so many that wait is too many: 503 with Retry-After, at once", () => {
  const chain = new SaveChain();
  const save = () => new Save({} as never, {}, { sid: "a", whole: { form: "json", text: "{}" } } as never);
  for (let n = 0; n < 1000; n++) chain.add(save());
  const expected = { code: "SESSION_CONTENDED", status: 503, headers: { "Retry-After": "1" } };
  expect(() => chain.add(save())).toThrow(expect.objectContaining(expected));
});

describe.skipIf(!redisServerPath)("a write that hangs", () => {
  test("does not hold up the others for longer than a deadline", async () => {
    const redis = await startRedis();
    const client = await redis.client();
    let hangs = false;
    const serializer = {
      stringify: (data: object) => JSON.stringify(data),
      parse: (text: string): any => (hangs ? ((hangs = false), new Promise(() => {})) : JSON.parse(text)),
    };
    const store = new RedisSessionStore({ client, serializer, commandTimeout: 100, merge: { count: sum } });
    try {
      await store.set("a", fresh({ count: 0 }));
      const requests = (await Promise.all([1, 2, 3, 4].map(() => store.get("a")))) as Values[];
      await store.set("a", Object.assign(requests[0]!, { count: 1 }));
      hangs = true; // the next one has to merge
      void store.set("a", Object.assign(requests[1]!, { count: 1 }));
      const began = performance.now();
      await Promise.all(requests.slice(2).map((session) => store.set("a", Object.assign(session, { count: 1 }))));
      expect(performance.now() - began).toBeLessThan(2000);
      expect(await store.get("a")).toMatchObject({ count: 3 });
    } finally {
      await redis.stop();
    }
  });
});
