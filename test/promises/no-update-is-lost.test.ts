/** Promise 2: two requests of one session that overlap both keep their changes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { append, max, sum, type MergeRules } from "holdfast";
import { availableServers, startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { Meeting, startSite, Visitor, type Handler, type SessionValues } from "../support/web-site.js";
import { compressing, connectRedis, encrypting, ours, type Candidate } from "./candidates.js";

/**
 * The races of the issue are run 200 times on Redis; on another server, for the other trials, and where only the form of
 * what is stored differs, fewer times will do.
 */
const manyTimes = 200;
const fewTimes = 20;
const requests = 10;

interface Trial {
  times: number;
  merge?: MergeRules;
  /** Puts something into a new session. */
  begin?: (session: SessionValues) => void;
  /** What request `i` changes. */
  change: (session: SessionValues, i: number) => void;
  /** What must be there when all have ended. */
  expected: unknown;
}

/** Ten requests load one session, all before the first of them changes it; returns what is there afterwards. */
async function overlap(candidate: Candidate, redis: TestRedis, trial: Trial, times: number): Promise<unknown[]> {
  const middleware = candidate.create({ client: await redis.client(), merge: trial.merge });
  let meeting = new Meeting(requests);
  const handler: Handler = async (req, res, url) => {
    if (url.pathname === "/begin") {
      req.session["data"] = {};
      trial.begin?.(req.session);
    } else if (url.pathname === "/change") {
      void req.session["data"]; // looks at the session, so that it is loaded before the meeting
      await meeting.arrive();
      trial.change(req.session, Number(url.searchParams.get("i")));
    }
    const { cookie: _cookie, ...values } = req.session;
    res.end(JSON.stringify(values));
  };
  const site = await startSite(middleware, handler);
  const results: unknown[] = [];
  for (let round = 0; round < times; round++) {
    const visitor = new Visitor(site);
    await visitor.get("/begin");
    meeting = new Meeting(requests);
    const answers = await Promise.all(Array.from({ length: requests }, (_, i) => visitor.get(`/change?i=${i}`)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(requests).fill(200));
    results.push(JSON.parse((await visitor.get("/read")).body));
  }
  await site.close();
  return results;
}

const numbered = (value: (i: number) => unknown) =>
  Object.fromEntries(Array.from({ length: requests }, (_, i) => [`key${i}`, value(i)]));

const trials: Record<string, Trial> = {
  "ten overlapping requests that each set a different key": {
    times: manyTimes,
    change: (session, i) => (session[`key${i}`] = i),
    expected: { data: {}, ...numbered((i) => i) },
  },
  "the same inside one nested object": {
    times: manyTimes,
    begin: (session) => (session["data"] = { deep: { er: {} } }),
    change: (session, i) => (session["data"].deep.er[`key${i}`] = { at: i }),
    expected: { data: { deep: { er: numbered((i) => ({ at: i })) } } },
  },
  "a counter under `sum`": {
    times: manyTimes,
    merge: { views: sum },
    begin: (session) => (session["views"] = 5),
    change: (session) => session["views"]++,
    expected: { data: {}, views: 5 + requests },
  },
  "quantities under `cart.*.quantity`, from an empty cart": {
    times: fewTimes,
    merge: { "cart.*.quantity": sum },
    change: (session, i) => {
      const cart = (session["cart"] ??= {});
      const line = (cart[i % 2 ? "rope" : "mug"] ??= { quantity: 0 });
      line.quantity += 1;
    },
    expected: { data: {}, cart: { rope: { quantity: requests / 2 }, mug: { quantity: requests / 2 } } },
  },
  "deletions of different keys": {
    times: fewTimes,
    begin: (session) => Object.assign(session, { keep: 1 }, numbered(String)),
    change: (session, i) => delete session[`key${i}`],
    expected: { data: {}, keep: 1 },
  },
  "the latest time under `max`": {
    times: fewTimes,
    merge: { seen: max },
    change: (session, i) => (session["seen"] = 1000 + ((i * 7) % requests)),
    expected: { data: {}, seen: 1000 + requests - 1 },
  },
};

describe.each(availableServers)("on %s", (kind) => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({ kind });
  });
  afterAll(() => redis.stop());

  describe.each([...ours, ...compressing, ...encrypting])("$name", (candidate) => {
    test.each(Object.entries(trials))(
      "%s: none is lost, many times over",
      { timeout: 120_000 },
      async (_name, trial) => {
        const times = kind === "redis" && ours.includes(candidate) ? trial.times : fewTimes;
        const results = await overlap(candidate, redis, trial, times);
        for (const result of results) expect(result).toEqual(trial.expected);
      },
    );

    test("a list under `append` gets every entry", async () => {
      const change = (session: SessionValues, i: number) => (session["log"] = [...(session["log"] ?? []), i]);
      const results = (await overlap(
        candidate,
        redis,
        { times: fewTimes, merge: { log: append }, change, expected: null },
        fewTimes,
      )) as {
        log: number[];
      }[];
      for (const { log } of results) expect(log.toSorted((a, b) => a - b)).toEqual([...Array(requests).keys()]);
    });
  });
});

describe("the control", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test.each(Object.entries(trials))("plain connect-redis loses updates: %s", async (_name, trial) => {
    const results = await overlap(connectRedis, redis, trial, 5);
    const lost = results.filter((result) => JSON.stringify(result) !== JSON.stringify(trial.expected));
    expect(lost.length).toBeGreaterThan(0);
  });
});
