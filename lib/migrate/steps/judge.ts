/** Compares what both stores have of one session, and says what a repair would do. Its home is right. */
import type { SessionData } from "express-session";
import { type RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import type { RedisHandle } from "../../repository/index.js";
import type { Stored } from "../../session/index.js";
import type { Home } from "../state/dial.js";
import { sameSession } from "../engine/same-session.js";
import type { Row } from "../sources/types.js";
import { hasCookie, readRow } from "./stored-row.js";

type Verdict = "same" | "none" | "differing" | "onlyLegacy" | "onlyRedis" | "unreadable" | "unreadableInRedis";

/**
 * What a repair does: `put` the row's session into Redis, `write` the session of Redis into the table, `bury` it in
 * Redis under a tombstone, or `remove` the row.
 */
export type Action = "put" | "write" | "bury" | "remove";

export interface Judgment {
  readonly verdict: Verdict;
  readonly action?: Action;
  /** Characters that were read from Redis. */
  readonly size: number;
}

export type InRedis =
  | { readonly kind: "session"; readonly data: SessionData; readonly size: number }
  /** `dead`: there is a tombstone. `unreadable`: there is a value, but this serializer cannot read it as a session. */
  | { readonly kind: "dead" | "none" | "unreadable" };

export interface Circumstances {
  readonly home: Home;
  /** Redis was the only store for a while: what it does not have has ended. */
  readonly redisHasAll: boolean;
}

/** Reads what is stored, even if a request would not accept it as a session. */
export async function readRedis(redis: RedisSessionStore, sid: string): Promise<InRedis> {
  for (let tries = 1; ; tries++) {
    const found = await repositoryOf(redis).find(sid);
    if (found) return opened(found);
    const presence = await repositoryOf(redis).transfer.presenceOf(sid);
    if (presence !== "lives") return { kind: presence };
    if (tries > 1) return { kind: "unreadable" }; // not a session that was created between the two reads
  }
}

function opened({ stored, parsed: data }: RedisHandle): InRedis {
  try {
    const parsed = data ?? parsedOf(stored!);
    const size = sizeOf(stored!);
    return hasCookie(parsed) ? { kind: "session", data: parsed, size } : { kind: "unreadable" };
  } catch {
    return { kind: "unreadable" };
  }
}

function parsedOf(stored: Stored): unknown {
  if (stored.form === "json") return JSON.parse(stored.text);
  const entries = Object.entries(stored.fields).map(([key, text]): [string, unknown] => [key, JSON.parse(text)]);
  return Object.fromEntries(entries);
}

function sizeOf(stored: Stored): number {
  return stored.form === "json" ? stored.text.length : JSON.stringify(stored.fields).length;
}

/** Tolerates small differences in lifetime: it is renewed in the home first, and in the copy a moment later. */
export async function judge(
  redis: RedisSessionStore,
  sid: string,
  row: Row | undefined,
  { home, redisHasAll }: Circumstances,
): Promise<Judgment> {
  const now = Date.now();
  const session = row && readRow(row, now);
  if (session?.kind === "unreadable") return { verdict: "unreadable", size: 0 };
  const inRedis = await readRedis(redis, sid);
  if (inRedis.kind === "unreadable") return { verdict: "unreadableInRedis", size: 0 };
  if (inRedis.kind !== "session") {
    if (session?.kind !== "live" || session.seconds <= lagOf(lifetimeOf(session.data, redis)))
      return { verdict: "none", size: 0 };
    const isOver = inRedis.kind === "dead" || (home === "redis" && redisHasAll);
    return { verdict: "onlyLegacy", action: isOver ? "remove" : "put", size: 0 };
  }
  const { data, size } = inRedis;
  if (session?.kind !== "live") {
    const isEnding = (await repositoryOf(redis).transfer.secondsLeft(sid)) <= lagOf(lifetimeOf(data, redis));
    return isEnding
      ? { verdict: "none", size }
      : { verdict: "onlyRedis", action: home === "redis" ? "write" : "bury", size };
  }
  const differing = { verdict: "differing", action: home === "redis" ? "write" : "put", size } as const;
  if (!sameSession(session.data, data)) return differing;
  if (redis.disableTTL) return { verdict: "same", size };
  const secondsLeft = {
    legacy: (row!.expires - now) / 1000,
    redis: await repositoryOf(redis).transfer.secondsLeft(sid),
  };
  const copy = home === "redis" ? "legacy" : "redis";
  return secondsLeft[home] - secondsLeft[copy] > lifetimeOf(session.data, redis) / 10 + 2
    ? differing
    : { verdict: "same", size };
}

/** Seconds by which the copy may expire before or after its home: a touch interval. */
function lagOf(lifetime: number): number {
  return Math.min(60, lifetime / 20) + 2;
}

/** The lifetime in seconds. */
function lifetimeOf({ cookie }: SessionData, { ttl }: RedisSessionStore): number {
  const { originalMaxAge } = cookie;
  if (typeof originalMaxAge === "number") return originalMaxAge / 1000;
  return typeof ttl === "number" ? ttl : 86_400;
}
