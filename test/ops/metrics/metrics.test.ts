/** `metrics()` with real sessions and a real Redis: what is counted, how often, and until when. */
import express from "express";
import * as promClient from "prom-client";
import { redisSession } from "holdfast";
import { metrics } from "holdfast/ops";
import type { RedisClientType } from "redis";
import request from "supertest";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { secret } from "../../promises/candidates.js";
import { changedBy, seriesOf } from "../../support/series.js";
import { startRedis } from "../../support/servers/redis-server.js";
import { useRedis } from "../../support/servers/use-redis.js";

const { Registry } = promClient;
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

type Sessions = ReturnType<typeof redisSession>;

/** A site with these sessions, and a visitor with a session. */
async function siteOf(sessions: Sessions) {
  const app = express().use(sessions);
  app.get("/look", (req, res) => void res.json(req.session));
  app.get("/count", (req, res) => {
    const values = req.session as { n?: number };
    values.n = (values.n ?? 0) + 1;
    res.end();
  });
  const visitor = request.agent(app);
  await visitor.get("/count").expect(200);
  return visitor;
}

function ours(options: object = {}): Sessions {
  return redisSession({ client, secret, touchInterval: 1000, ...options }) as unknown as Sessions;
}

it("counts a visitor's requests and their commands", async () => {
  const sessions = ours();
  const visitor = await siteOf(sessions);
  const { register, stop } = await metrics(sessions, { register: new Registry() });
  onTestFinished(stop);
  const work = async () => {
    await visitor.get("/look").expect(200);
    await visitor.get("/count").expect(200);
  };
  const changed = await changedBy(register, work);
  const commands = Object.fromEntries(Object.entries(changed).filter(([name]) => !name.includes("_redis_command")));
  expect(commands).toEqual({
    'holdfast_sessions_found_total{store="sessions",source="store"}': 2,
    'holdfast_session_saves_total{store="sessions",outcome="saved"}': 1,
    'holdfast_session_operation_duration_seconds_count{store="sessions",operation="find"}': 2,
    'holdfast_session_operation_duration_seconds_count{store="sessions",operation="save"}': 1,
  });
  expect(changed).toMatchObject({
    'holdfast_redis_command_duration_seconds_count{client="sessions",command="GET"}': 2,
    'holdfast_redis_command_duration_seconds_count{client="sessions",command="EVALSHA"}': 1,
  });
});

it("tells hits of the near cache from misses, and has no series for it without one", async () => {
  const sessions = redisSession({ url: redis.url, secret, nearCache: {} }) as unknown as Sessions;
  onTestFinished(() => sessions.close());
  await sessions.ready();
  const visitor = await siteOf(sessions);
  const { register, stop } = await metrics(sessions, { register: new Registry() });
  onTestFinished(stop);
  const lookups = (result: string) => `holdfast_near_cache_lookups_total{store="sessions",result="${result}"}`;
  let requests = 0;
  await expect
    .poll(async () => {
      await visitor.get("/look").expect(200);
      requests++;
      return (await seriesOf(register)).get(lookups("hit"));
    })
    .toBeGreaterThan(0);
  const series = await seriesOf(register);
  expect(series.get(lookups("hit"))! + series.get(lookups("miss"))!).toBe(requests);
  const without = await metrics(ours(), { register: new Registry() });
  onTestFinished(without.stop);
  expect((await without.register.metrics()).includes("near_cache_lookups_total{")).toBe(false);
});

it("shows an outage while it lasts, and its length afterwards", async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const sessions = redisSession({ url: server.url, secret, commandTimeout: 100 }) as unknown as Sessions;
  onTestFinished(() => sessions.close());
  await sessions.ready();
  const visitor = await siteOf(sessions);
  const { register, stop } = await metrics(sessions, { register: new Registry() });
  onTestFinished(stop);
  const value = async (name: string) => (await seriesOf(register)).get(name);
  const up = 'holdfast_redis_up{client="sessions"}';
  expect(await value(up)).toBe(1);
  server.process.kill("SIGSTOP");
  onTestFinished(() => void server.process.kill("SIGCONT"));
  const waiting = visitor.get("/look").then(({ status }) => status);
  await expect.poll(() => value('holdfast_redis_commands_in_flight{client="sessions"}'), { interval: 5 }).toBe(1);
  expect(await waiting).toBe(503);
  await expect
    .poll(async () => {
      await visitor.get("/look");
      return value(up);
    })
    .toBe(0);
  const failed = [...(await seriesOf(register)).keys()].filter((name) => name.startsWith("holdfast_session_failures"));
  expect(failed.join()).toContain('operation="find",code="SESSION_STORE_UNAVAILABLE",reason="timeout"');
  server.process.kill("SIGCONT");
  await expect.poll(() => value(up), { timeout: 5000 }).toBe(1);
  expect(await value('holdfast_redis_outages_total{client="sessions",reason="silent"}')).toBe(1);
  expect(await value('holdfast_redis_outage_seconds_total{client="sessions",reason="silent"}')).toBeGreaterThan(0);
});

describe("nothing is counted twice", () => {
  const found = 'holdfast_sessions_found_total{store="sessions",source="store"}';

  it("if it is called twice for one register; counting ends with the last `stop`", async () => {
    const sessions = ours();
    const visitor = await siteOf(sessions);
    const register = new Registry();
    const [one, two] = await Promise.all([metrics(sessions, { register }), metrics(sessions, { register })]);
    const look = () => visitor.get("/look").expect(200);
    expect((await changedBy(register, look))[found]).toBe(1);
    one.stop();
    one.stop();
    expect((await changedBy(register, look))[found]).toBe(1);
    two.stop();
    expect(await changedBy(register, look)).toEqual({});
    const names = [...(await seriesOf(register)).keys()];
    expect(names.filter((name) => name.startsWith("holdfast_redis_up"))).toEqual([]);
  });

  it("if it is called for two registers", async () => {
    const sessions = ours();
    const visitor = await siteOf(sessions);
    for (const register of [new Registry(), new Registry()]) {
      const { stop } = await metrics(sessions, { register });
      onTestFinished(stop);
      expect((await changedBy(register, () => visitor.get("/look").expect(200)))[found]).toBe(1);
    }
  });

  it("if two middlewares share a client; the label tells their sessions apart", async () => {
    const [shop, admin] = [ours(), ours({ prefix: "admin:", name: "admin.sid" })];
    const inShop = await siteOf(shop);
    const inAdmin = await siteOf(admin);
    const register = new Registry();
    for (const sessions of [shop, admin]) onTestFinished((await metrics(sessions, { register })).stop);
    const work = async () => {
      await inShop.get("/look").expect(200);
      await inAdmin.get("/look").expect(200);
      await inAdmin.get("/look").expect(200);
    };
    expect(await changedBy(register, work)).toMatchObject({
      [found]: 1,
      [found.replace('"sessions"', '"sessions-2"')]: 2,
      'holdfast_redis_command_duration_seconds_count{client="sessions",command="GET"}': 3,
    });
    expect((await register.metrics()).includes('client="sessions-2"')).toBe(false);
  });
});

describe("options", () => {
  it("names and prefixes are the app's", async () => {
    const register = new Registry();
    const { stop } = await metrics(ours(), { register, name: "shop", prefix: "eu_" });
    onTestFinished(stop);
    expect((await seriesOf(register)).get('eu_holdfast_sessions_missing_total{store="shop"}')).toBe(0);
  });

  it("the default register is the library's", async () => {
    const { register, stop } = await metrics(ours());
    onTestFinished(() => {
      stop();
      promClient.register.clear();
    });
    expect(register).toBe(promClient.register);
  });

  it("a register that was cleared gets the metrics again", async () => {
    const register = new Registry();
    const first = await metrics(ours(), { register });
    first.stop();
    register.clear();
    const { stop } = await metrics(ours(), { register });
    onTestFinished(stop);
    expect(await register.metrics()).toContain("holdfast_redis_up{");
  });

  it("a module that the app passes is used", async () => {
    const made: unknown[] = [];
    class Counter extends promClient.Counter {
      constructor(settings: promClient.CounterConfiguration<string>) {
        super(settings);
        made.push(this);
      }
    }
    const { stop } = await metrics(ours(), { register: new Registry(), promClient: { ...promClient, Counter } });
    onTestFinished(stop);
    expect(made.length).toBeGreaterThan(5);
  });

  it("a register with another metric of the same name is refused", async () => {
    const register = new Registry();
    const name = "holdfast_redis_up";
    const theirs = new promClient.Gauge({ name, help: "theirs", registers: [register] });
    await expect(metrics(ours(), { register })).rejects.toMatchObject({
      code: "HOLDFAST_OPTION_INVALID",
      message: expect.stringContaining(name),
    });
    expect(register.getSingleMetric(name)).toBe(theirs);
    expect(register.getMetricsAsArray()).toHaveLength(1);
  });

  it.each([
    [{ prefix: "1" }, "prefix"],
    [{ prefix: "a-b" }, "prefix"],
    [{ name: "" }, "name"],
    [{ auth: {} }, "auth"],
    [{ promClient: {} }, "promClient"],
  ])("%j is refused", async (options, name) => {
    await expect(metrics(ours(), options as never)).rejects.toMatchObject({
      code: "HOLDFAST_OPTION_INVALID",
      message: expect.stringContaining(name),
    });
  });

  it("what has no store is refused", async () => {
    await expect(metrics({} as never)).rejects.toMatchObject({ code: "HOLDFAST_OPTION_INVALID" });
  });
});
