/** Reads the pulses of all living processes, in two round trips. */
import { errorText, HoldfastError, propertyOf, redisUnavailable, setupInvalid } from "../../errors/index.js";
import { checkClient, guardClient, type RedisClient } from "../../redis/index.js";
import { targetOf, type Observable } from "../target.js";
import { countsIn, perSecondOf } from "./counts.js";
import { keyOfPulse, pulseKey } from "./pulse-keys.js";
import type { Pulse, PulseSum, StoredPulse } from "./pulse-types.js";
import { sumOfPulses } from "./sum-of-pulses.js";

export interface Pulses {
  /** The processes that live, the oldest first. */
  readonly processes: readonly Pulse[];
  readonly sum: PulseSum;
}

/**
 * What all processes that called `pulse()` have told last, and the sum of it. It takes two round trips, however many
 * processes there are.
 *
 * @param source a client such as `redisSession()` takes, or what `pulse()` was called with
 * @param options `key`: the same as that of `pulse()`
 * @throws HoldfastError `SESSION_STORE_UNAVAILABLE`, `HOLDFAST_CLIENT_INVALID`, `HOLDFAST_OPTION_INVALID`
 *
 * @example
 * const pulses = await readPulses(sessions);
 * console.log(`${pulses.sum.processes} processes, ${pulses.sum.perSecond.requests} requests per second`);
 */
export async function readPulses(
  source: object,
  { key = pulseKey }: { key?: string | undefined } = {},
): Promise<Pulses> {
  const redis = guardClient(clientOf(source));
  try {
    const ids = textsIn(await redis.send(key, (client) => client.zRange(key, 0, -1)));
    const keys = ids.map((id) => keyOfPulse(key, id));
    const stored = keys.length === 0 ? [] : textsIn(await redis.send(keys[0], (client) => client.mGet(keys)));
    const processes = stored.flatMap(pulseIn).toSorted((a, b) => a.started - b.started);
    return { processes, sum: sumOfPulses(processes) };
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    throw redisUnavailable(`The pulses could not be read: ${errorText(error)}.`, { cause: error, reason: "other" });
  }
}

function clientOf(source: object): RedisClient {
  if (isObservable(source)) {
    const { redis } = targetOf(source);
    if (!redis) throw setupInvalid("Pulses are in Redis. Pass a client, or sessions that are in Redis.");
    return redis.client;
  }
  checkClient(source);
  return source;
}

function isObservable(source: object): source is Observable {
  return "store" in source;
}

/** Some are `null`: the process has ended. */
function textsIn(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.filter((text) => typeof text === "string") : [];
}

function pulseIn(text: string): Pulse[] {
  const stored = parsed(text);
  if (!isPulse(stored)) return [];
  const pulse = { ...stored, counts: countsIn(stored.counts), total: countsIn(stored.total) };
  return [{ ...pulse, perSecond: perSecondOf(pulse.counts, stored.seconds) }];
}

/**
 * Whether this can be shown and added to the others. What another version of this package has written may lack counts; they
 * are 0 then. Anything else that is wrong would spoil the sum of all.
 */
function isPulse(value: unknown): value is StoredPulse {
  const has = (type: string, of: unknown, ...names: string[]) =>
    names.every((name) => kindOf(propertyOf(of, name)) === type);
  const part = (name: string) => propertyOf(value, name);
  const hasTimes = (name: string) => part(name) === undefined || has("number", part(name), "p50", "p95", "p99");
  return (
    has("string", value, "id", "name", "host", "version") &&
    has("number", value, "pid", "started", "at", "seconds") &&
    has("object", value, "counts", "total") &&
    has("boolean", part("redis"), "isAvailable") &&
    has("number", part("redis"), "inFlight", "outages") &&
    has("number", part("eventLoop"), "delay", "utilization") &&
    has("number", part("memory"), "rss", "heapUsed") &&
    hasTimes("find") &&
    hasTimes("save")
  );
}

/** As `typeof`, but `null` is no object. */
function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
