/**
 * Metrics for OpenTelemetry, from the signals of Holdfast. Copy it into your app, and leave out what you do not need.
 * It only needs `@opentelemetry/api`: where the metrics go is decided by the SDK that the app has set up.
 *
 * Commands are recorded as the semantic conventions for database clients say. The other names begin with `holdfast.`,
 * because there are no conventions for sessions. No attribute is about a visitor.
 */
import { metrics, type Attributes, type Meter } from "@opentelemetry/api";
import { HoldfastError } from "holdfast";
import { onSignal, type Observable, type Signals } from "holdfast/ops";

interface Options {
  /** @default the global meter provider's meter called "holdfast" */
  meter?: Meter;
  /** The `localAuth()` whose events are counted. */
  auth?: { readonly events: object };
}

/** Records what happens to the sessions of this middleware, until the returned function is called. */
export function recordSessions(
  sessions: Observable & { readonly client?: unknown },
  options: Options = {},
): () => void {
  const { auth, meter = metrics.getMeter("holdfast") } = options;
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description });
  const lookups = counter("holdfast.session.lookups", "{lookup}", "Requests with a session cookie, by result.");
  const saves = counter("holdfast.session.saves", "{save}", "Saves of sessions, by result.");
  const events = counter("holdfast.login.events", "{event}", "Events of localAuth().");
  const outages = counter("holdfast.redis.outages", "{outage}", "Outages of Redis that have begun.");
  const operations = meter.createHistogram("holdfast.session.operation.duration", {
    unit: "s",
    description: "Duration of operations that asked the store.",
    advice: { explicitBucketBoundaries },
  });
  const commands = meter.createHistogram("db.client.operation.duration", {
    unit: "s",
    description: "Duration of database client operations.",
    advice: { explicitBucketBoundaries },
  });

  /** Only what happens in this store. */
  const on = <Name extends keyof Signals>(name: Name, listener: (payload: Signals[Name]) => void) =>
    onSignal(name, (payload) => {
      if ("store" in payload && payload.store === sessions.store) listener(payload);
    });
  const took = (operation: string, { duration }: { duration: number }, more: Attributes = {}) =>
    operations.record(duration / 1000, { "holdfast.operation.name": operation, ...more });
  const saved = (result: string) => saves.add(1, { "holdfast.result": result });

  const stops = [
    on("session:found", (signal) => {
      lookups.add(1, { "holdfast.result": "found", "holdfast.source": signal.from });
      if (signal.from === "store") took("find", signal);
    }),
    on("session:missing", (signal) => {
      lookups.add(1, { "holdfast.result": "missing" });
      took("find", signal);
    }),
    on("session:saved", (signal) => {
      saved(signal.rounds > 0 ? "merged" : "saved");
      took("save", signal);
    }),
    on("session:gone", (signal) => {
      saved("gone");
      took("save", signal);
    }),
    on("session:too-large", () => saved("too_large")),
    on("session:touched", (signal) => took("touch", signal)),
    on("session:destroyed", (signal) => took("destroy", signal)),
    on("session:failed", (signal) => took(signal.operation, signal, { "error.type": errorType(signal.error) })),
    onSignal("redis:command", ({ client, command, duration, error }) => {
      if (client !== sessions.client) return;
      const failure = error === undefined ? {} : { "error.type": errorType(error) };
      commands.record(duration / 1000, { "db.system.name": "redis", "db.operation.name": command, ...failure });
    }),
    onSignal("redis:unavailable", ({ client, reason }) => {
      if (client === sessions.client) outages.add(1, { "holdfast.reason": reason });
    }),
    onSignal("login", ({ name, events: emitter }) => {
      if (emitter === auth?.events) events.add(1, { "holdfast.event.name": name });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** In seconds. The conventions advise 1 ms and more, but a Redis that is near answers sooner. */
const explicitBucketBoundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** From a small set of values, as the conventions demand: a reason, a code, the prefix of Redis' reply, or a class. */
function errorType(error: unknown): string {
  if (HoldfastError.is(error)) return error.reason ?? error.code;
  if (!(error instanceof Error)) return "_OTHER";
  return /^[A-Z]+(?= )/.exec(error.message)?.[0] ?? error.name;
}
