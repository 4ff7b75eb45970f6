/** An app with everything that Holdfast has, in its tests: what the Redis in memory lacks does not spoil the rest. */
import express from "express";
import { agent as makeAgent } from "supertest";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { redisSession } from "holdfast";
import { localAuth, RedisAccounts, requireLogin } from "holdfast/auth";
import { console as operatorConsole } from "holdfast/console";
import { health, metrics, onSignal, pulse } from "holdfast/ops";
import { logInAs, testRedis, testSessions } from "holdfast/testing";
import { Registry } from "prom-client";
import { expectNothingUnhandled } from "../support/unhandled.js";

expectNothingUnhandled();

const warnings: Error[] = [];
const note = (warning: Error) => void warnings.push(warning);
beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  // oxlint-disable-next-line vitest/no-standalone-expect -- after each test
  expect(warnings.splice(0)).toEqual([]);
});

const secret = "a secret of at least 32 characters";

it.each([
  ["testSessions()", () => testSessions()],
  ["redisSession() with testRedis()", () => redisSession({ client: testRedis(), secret })],
])("has health, metrics, signals, a pulse and the console, and its pages work: %s", async (_name, make) => {
  const sessions = make();
  const auth = localAuth({ sessions, accounts: new RedisAccounts({ client: sessions.client }) });
  const app = express().set("env", "test");
  const { live, ready } = health(sessions);
  const counted = await metrics(sessions, { register: new Registry() });
  const running = pulse(sessions);
  const stop = onSignal("session:missing", () => {});
  const pages = operatorConsole({ sessions, authorize: () => true });
  onTestFinished(async () => {
    stop();
    counted.stop();
    await running.stop();
    await pages.close();
    await sessions.close();
  });
  app.get("/live", live).get("/ready", ready).use("/ops", pages);
  app.use(sessions, auth.middleware);
  app.get("/account", requireLogin(), (req, res) => void res.json(req.user));
  const agent = makeAgent(app);

  await agent.get("/live").expect(200);
  await agent.get("/ready").expect(200);
  await agent.get("/account").expect(401);
  await logInAs(agent, sessions, { id: "7", username: "ada" });
  await agent.get("/account").expect(200);
  expect((await agent.get("/ops/")).status).toBeLessThan(500);
  expect(await counted.register.metrics()).toContain("holdfast_");
  sessions.client.goDown();
  await agent.get("/ready").expect(503);
  await agent.get("/account").expect(503);
  sessions.client.comeBack();
  await agent.get("/account").expect(200);
});
