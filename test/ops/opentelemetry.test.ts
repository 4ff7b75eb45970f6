/** examples/opentelemetry.ts with the SDK of OpenTelemetry, real sessions and a real Redis. */
import { EventEmitter } from "node:events";
import type { Attributes } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import express from "express";
import { redisSession } from "holdfast";
import request from "supertest";
import { expect, it, onTestFinished } from "vitest";
import { recordSessions } from "../../examples/opentelemetry.js";
import { emit, type AuthEvents } from "../../lib/auth/events.js";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();

function opened() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const provider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => provider.shutdown());
  /** Each metric's unit, and how much was counted or observed under which attributes. */
  const collected = async () => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return all.map(({ descriptor: { name, unit }, dataPoints }) => {
      const points: [Attributes, number][] = dataPoints.map(({ attributes, value }) => [
        attributes,
        typeof value === "number" ? value : (value as { count: number }).count,
      ]);
      return { name, unit, points };
    });
  };
  return { meter: provider.getMeter("test"), collected };
}

it("records a visitor's requests, their commands and logins, and nothing of another middleware or after its end", async () => {
  const { meter, collected } = opened();
  const client = await redis.client();
  const auth = { events: new EventEmitter<AuthEvents>() };
  const shop = redisSession({ client, secret, touchInterval: 1000 });
  const other = redisSession({ client: await redis.client(), secret, prefix: "other:", name: "other" });
  const app = express();
  app.use("/other", other, (req, res) => {
    Object.assign(req.session, { n: 1 });
    res.end();
  });
  app.use(shop, (req, res) => {
    if (req.path === "/change") Object.assign(req.session, { n: 1 });
    res.json(req.session);
  });
  const visitor = request.agent(app);
  const stop = recordSessions(shop, { meter, auth });
  onTestFinished(stop);
  await visitor.get("/change").expect(200);
  await visitor.get("/look").expect(200);
  await visitor.get("/other").expect(200);
  await client.flushAll();
  await visitor.get("/look").expect(200);
  emit(auth.events, "login-failed", { user: undefined, address: undefined, at: 1, reason: "wrong" });
  const wanted = [
    {
      name: "holdfast.session.lookups",
      unit: "{lookup}",
      points: [
        [{ "holdfast.result": "found", "holdfast.source": "store" }, 1],
        [{ "holdfast.result": "missing" }, 1],
      ],
    },
    { name: "holdfast.session.saves", unit: "{save}", points: [[{ "holdfast.result": "saved" }, 1]] },
    { name: "holdfast.login.events", unit: "{event}", points: [[{ "holdfast.event.name": "login-failed" }, 1]] },
    {
      name: "holdfast.session.operation.duration",
      unit: "s",
      points: [
        [{ "holdfast.operation.name": "save" }, 1],
        [{ "holdfast.operation.name": "find" }, 2],
      ],
    },
    {
      name: "db.client.operation.duration",
      unit: "s",
      points: [
        [{ "db.system.name": "redis", "db.operation.name": "SET" }, 1],
        [{ "db.system.name": "redis", "db.operation.name": "GET" }, 2],
      ],
    },
  ];
  expect(await collected()).toEqual(wanted);
  stop();
  await visitor.get("/change").expect(200);
  expect(await collected()).toEqual(wanted);
});

it("records what an operation and a command failed with", async () => {
  const { meter, collected } = opened();
  const client = await redis.client();
  const sessions = redisSession({ client, secret });
  const app = express().use(sessions, (req, res) => {
    Object.assign(req.session, { n: 1 });
    res.end();
  });
  const visitor = request.agent(app);
  await visitor.get("/").expect(200);
  onTestFinished(recordSessions(sessions, { meter }));
  const admin = await redis.client();
  await admin.sendCommand(["ACL", "SETUSER", "default", "-get"]);
  await visitor.get("/");
  await admin.sendCommand(["ACL", "SETUSER", "default", "+get"]);
  const failed = (await collected())
    .flatMap(({ points }) => points)
    .filter(([attributes]) => "error.type" in attributes);
  expect(failed).toEqual([
    [{ "holdfast.operation.name": "find", "error.type": "no-permission" }, 1],
    [{ "db.system.name": "redis", "db.operation.name": "GET", "error.type": "no-permission" }, 1],
  ]);
});
