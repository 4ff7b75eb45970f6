/** Each signal moves exactly its metrics, and those of other stores, clients and logins move none. */
import { EventEmitter } from "node:events";
import { channel } from "node:diagnostics_channel";
import { Registry } from "prom-client";
import { MemoryStore, RedisSessionStore } from "holdfast";
import { MigratingStore } from "holdfast/migrate";
import { metrics, type Signals } from "holdfast/ops";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { HoldfastError } from "../../../lib/errors/index.js";
import {
  FailedSignal,
  FoundSignal,
  MirrorSignal,
  SavedSignal,
  SessionSignal,
  TimedSignal,
} from "../../../lib/signals/index.js";
import { channels } from "../../support/heard.js";
import { changedBy } from "../../support/series.js";
import { useRedis } from "../../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

/** What a signal comes from. */
interface Origin {
  store: object;
  client: object;
  events: object;
}

const sid = "the id of a session";
const begun = performance.now();
const failure = new HoldfastError("SESSION_STORE_UNAVAILABLE", "Redis is full.", { reason: "full" });
const duration = 2500;
const inStore = (name: string) => `holdfast_${name}{store="sessions"`;
const took = (operation: string) => `${inStore("session_operation_duration_seconds_count")},operation="${operation}"}`;
const saves = (outcome: string) => `${inStore("session_saves_total")},outcome="${outcome}"}`;
const failures = (operation: string, code: string, reason: string) =>
  `${inStore("session_failures_total")},operation="${operation}",code="${code}",reason="${reason}"}`;
const command = `holdfast_redis_command_duration_seconds_count{client="sessions",command="GET"}`;

const table: [signal: keyof Signals, payload: (from: Origin) => object, changes: Record<string, number>][] = [
  [
    "session:found",
    ({ store }) => new FoundSignal(store, sid, begun, "store"),
    {
      [`${inStore("sessions_found_total")},source="store"}`]: 1,
      [took("find")]: 1,
    },
  ],
  [
    "session:found",
    ({ store }) => new FoundSignal(store, sid, begun, "memory"),
    {
      [`${inStore("sessions_found_total")},source="memory"}`]: 1,
    },
  ],
  [
    "session:missing",
    ({ store }) => new TimedSignal(store, sid, begun),
    {
      [`${inStore("sessions_missing_total")}}`]: 1,
      [took("find")]: 1,
    },
  ],
  [
    "session:unreadable",
    ({ store }) => new SessionSignal(store, sid),
    { [`${inStore("sessions_unreadable_total")}}`]: 1 },
  ],
  ["session:saved", ({ store }) => new SavedSignal(store, sid, begun, 0), { [saves("saved")]: 1, [took("save")]: 1 }],
  [
    "session:saved",
    ({ store }) => new SavedSignal(store, sid, begun, 3),
    {
      [saves("merged")]: 1,
      [`${inStore("session_merge_rounds_total")}}`]: 3,
      [took("save")]: 1,
    },
  ],
  ["session:merged", ({ store }) => new SavedSignal(store, sid, begun, 3), {}], // `saved` follows
  ["session:unchanged", ({ store }) => new TimedSignal(store, sid, begun), { [saves("unchanged")]: 1 }],
  ["session:gone", ({ store }) => new TimedSignal(store, sid, begun), { [saves("gone")]: 1, [took("save")]: 1 }],
  [
    "session:touched",
    ({ store }) => new TimedSignal(store, sid, begun),
    {
      [`${inStore("session_touches_total")}}`]: 1,
      [took("touch")]: 1,
    },
  ],
  [
    "session:destroyed",
    ({ store }) => new TimedSignal(store, sid, begun),
    {
      [`${inStore("session_destroys_total")}}`]: 1,
      [took("destroy")]: 1,
    },
  ],
  [
    "session:too-large",
    ({ store }) => new FailedSignal(store, sid, begun, "save", failure),
    { [saves("too_large")]: 1 },
  ],
  [
    "session:failed",
    ({ store }) => new FailedSignal(store, sid, begun, "touch", failure),
    {
      [failures("touch", "SESSION_STORE_UNAVAILABLE", "full")]: 1,
      [took("touch")]: 1,
    },
  ],
  [
    "session:failed",
    ({ store }) => new FailedSignal(store, sid, begun, "find", new Error(sid)),
    {
      [failures("find", "other", "none")]: 1,
      [took("find")]: 1,
    },
  ],
  ["redis:command", ({ client }) => ({ client, command: "GET", duration, error: undefined }), { [command]: 1 }],
  [
    "redis:command",
    ({ client }) => ({ client, command: "GET", duration, error: failure }),
    {
      [command]: 1,
      'holdfast_redis_command_errors_total{client="sessions",command="GET"}': 1,
    },
  ],
  [
    "redis:unavailable",
    ({ client }) => ({ client, reason: "silent" }),
    {
      'holdfast_redis_outages_total{client="sessions",reason="silent"}': 1,
    },
  ],
  [
    "redis:available",
    ({ client }) => ({ client, reason: "disconnected", duration }),
    {
      'holdfast_redis_outage_seconds_total{client="sessions",reason="disconnected"}': 2.5,
    },
  ],
  [
    "login",
    ({ events }) => ({ name: "login", event: { user: "1" }, events }),
    {
      [`${inStore("login_events_total")},event="login",reason="none"}`]: 1,
    },
  ],
  [
    "login",
    ({ events }) => ({ name: "login-failed", event: { reason: "throttled" }, events }),
    {
      [`${inStore("login_events_total")},event="login-failed",reason="throttled"}`]: 1,
    },
  ],
  [
    "move:mirrored",
    ({ store }) => new MirrorSignal(store, sid, "legacy", true),
    {
      [`${inStore("move_mirrored_total")},to="legacy",result="copied"}`]: 1,
    },
  ],
  [
    "move:mirrored",
    ({ store }) => new MirrorSignal(store, sid, "redis", false),
    {
      [`${inStore("move_mirrored_total")},to="redis",result="missed"}`]: 1,
    },
  ],
  ["move:followed", ({ store }) => ({ store, phase: "moving", dial: 10, version: 2 }), {}], // gauges read the store
  ["move:changed", () => ({ version: 2, fields: {} }), {}],
  // What an operator does in the console is for an audit log, and no metric.
  ["operator", ({ store }) => ({ store, action: "end-session", operator: "ada", session: "8ae07a40" }), {}],
];

async function counted() {
  const store = new MigratingStore({ legacy: new MemoryStore(), redis: new RedisSessionStore({ client }) });
  const auth = { events: new EventEmitter() };
  const { register, stop } = await metrics({ store }, { register: new Registry(), auth });
  onTestFinished(async () => {
    stop();
    await store.close();
  });
  return { register, from: { store, client, events: auth.events } };
}

const send = (signal: string, payload: object) => channel(`holdfast:${signal}`).publish(payload);

describe.each(table)("%s, case %#", (signal, payload, changes) => {
  it(`moves ${Object.keys(changes).length} series`, async () => {
    const { register, from } = await counted();
    expect(await changedBy(register, () => send(signal, payload(from)))).toEqual(changes);
  });

  it("moves none if it comes from elsewhere", async () => {
    const { register } = await counted();
    const from = { store: {}, client: {}, events: {} };
    expect(await changedBy(register, () => send(signal, payload(from)))).toEqual({});
  });
});

it("the table has every signal", () => {
  const names = table.map(([signal]) => `holdfast:${signal}`);
  expect([...new Set(names)].sort()).toEqual([...channels].sort());
});

it("no series contains a session's id or its hash", async () => {
  const { register, from } = await counted();
  for (const [signal, payload] of table) send(signal, payload(from));
  const text = await register.metrics();
  expect(text).not.toContain(sid);
  expect(text).not.toContain(new SessionSignal({}, sid).session);
});
