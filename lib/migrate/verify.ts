/** The comparison of both stores, session by session, both ways; and the repair, for which a session's home is right. */
import { setTimeout as delay } from "node:timers/promises";
import type { SessionData } from "express-session";
import { sessionLabel } from "../errors/index.js";
import type { RedisSessionStore } from "../store/index.js";
import type { MoveControl } from "./control.js";
import { homeOf, type Home } from "./dial.js";
import { sameSession } from "./same-session.js";
import type { Row, Source } from "./sources/types.js";
import { readRow, type ReadRow } from "./stored-row.js";

const pageSize = 500;
/** Pages whose differences are looked at again while the next ones are read. */
const mostPages = 16;
/** A difference counts only if it is still there after these milliseconds: visitors go on changing their sessions. */
const secondLooks = [200, 800, 2000];

export interface VerifyOptions {
  source: Source;
  redis: RedisSessionStore;
  control: MoveControl;
  /** Brings the copy to what the home has. Default false. */
  repair?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: VerifyResult) => void) | undefined;
}

export interface VerifyResult {
  /** Rows of the table when it began. */
  readonly total: number;
  readonly read: number;
  readonly same: number;
  readonly differing: number;
  readonly onlyLegacy: number;
  readonly onlyRedis: number;
  readonly repaired: number;
  /** Rows that are no sessions; they are not compared. */
  readonly unreadable: number;
  /** Short hashes of the ids of sessions that differ, the first hundred. */
  readonly examples: readonly string[];
  readonly isComplete: boolean;
}

type Verdict = "same" | "differing" | "onlyLegacy" | "onlyRedis" | "none" | "unreadable";

export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { source, redis, control, signal } = options;
  const result = {
    total: await source.count(),
    read: 0,
    same: 0,
    differing: 0,
    onlyLegacy: 0,
    onlyRedis: 0,
    repaired: 0,
    unreadable: 0,
    examples: [] as string[],
    isComplete: false,
  };
  const state = await control.read();
  const unmirrored = await control.unmirrored();
  const looks = new Set<Promise<void>>();

  for (let after: string | undefined; !signal?.aborted;) {
    const rows = await source.rows(after, pageSize);
    if (rows.length === 0) break;
    after = rows.at(-1)!.sid;
    await judgeAll(
      rows.map(({ sid }) => sid),
      new Map(rows.map((row) => [row.sid, row])),
    );
    result.read += rows.length;
    options.onProgress?.({ ...result });
  }
  for await (const sids of redis.scanIds()) {
    if (signal?.aborted) break;
    const rows = await source.find(sids);
    // Those that have a live row were compared on the first way.
    await judgeAll(
      sids.filter((sid) => readKind(rows.get(sid)) !== "live"),
      rows,
      ["onlyRedis"],
    );
    options.onProgress?.({ ...result });
  }
  await Promise.all(looks);
  result.isComplete = !signal?.aborted;
  const left = result.differing + result.onlyLegacy + result.onlyRedis - result.repaired;
  // Some process may have ended after it noted these; now both stores are the same, and there is nothing to bring back.
  if (result.isComplete && left === 0) await control.clearUnmirrored(unmirrored);
  return result;

  async function judgeAll(
    sids: readonly string[],
    rows: Map<string, Row>,
    counted?: readonly Verdict[],
  ): Promise<void> {
    const verdicts = await judgeEach(sids, rows);
    const doubted: string[] = [];
    for (const [sid, verdict] of verdicts) {
      if (verdict === "same" || verdict === "none" || verdict === "unreadable") count(verdict);
      else if (!counted || counted.includes(verdict)) doubted.push(sid);
    }
    if (doubted.length === 0) return;
    const look = lookAgain(doubted).finally(() => looks.delete(look));
    look.catch(() => {}); // whoever awaits it is told
    looks.add(look);
    if (looks.size >= mostPages) await Promise.race(looks);
  }

  async function lookAgain(sids: readonly string[]): Promise<void> {
    let verdicts = new Map<string, Verdict>();
    for (const pause of secondLooks) {
      await delay(pause);
      verdicts = await judgeEach(sids, await source.find(sids));
      for (const [sid, verdict] of verdicts) {
        if (verdict !== "same" && verdict !== "none") continue;
        count(verdict);
        verdicts.delete(sid);
      }
      sids = [...verdicts.keys()];
      if (sids.length === 0) return;
    }
    for (const [sid, verdict] of verdicts) {
      if (signal?.aborted) return;
      count(verdict);
      if (result.examples.length < 100) result.examples.push(sessionLabel(sid));
      if (options.repair && verdict !== "unreadable" && (await repair(options, sid))) result.repaired++;
    }
    options.onProgress?.({ ...result });
  }

  async function judgeEach(sids: readonly string[], rows: Map<string, Row>): Promise<Map<string, Verdict>> {
    const judged = sids.map(async (sid) => [sid, await judge(redis, sid, rows.get(sid), homeOf(sid, state))] as const);
    return new Map(await Promise.all(judged));
  }

  function count(verdict: Verdict): void {
    if (verdict !== "none") result[verdict]++;
  }
}

/** How often a repair looks again at a session that goes on changing. */
const rounds = 10;

/** Brings the copy to what the home has; true when both are then the same. */
async function repair(options: VerifyOptions, sid: string): Promise<boolean> {
  const { source, redis, control } = options;
  for (let round = 0; round < rounds; round++) {
    const state = await control.read(); // the dial may be turned meanwhile
    const row = (await source.find([sid])).get(sid);
    const isUnmirrored = state.unmirrored > 0 && (await control.isUnmirrored(sid));
    const home = isUnmirrored ? "redis" : homeOf(sid, state);
    if (home === "redis") await repairLegacy(options, sid, row, state.isComplete);
    else await repairRedis(options, sid, row);
    const after = (await source.find([sid])).get(sid);
    const verdict = await judge(redis, sid, after, home);
    if (verdict === "same" || verdict === "none" || verdict === "unreadable") {
      if (isUnmirrored) await control.clearUnmirrored(sid);
      return true;
    }
  }
  return false;
}

async function repairLegacy(
  { source, redis }: VerifyOptions,
  sid: string,
  row: Row | undefined,
  isComplete: boolean,
): Promise<void> {
  const data = await redis.get(sid);
  if (data)
    return source.write([
      { sid, text: JSON.stringify(data), expires: Date.now() + (await redis.secondsLeft(sid)) * 1000 },
    ]);
  const session = row && readRow(row, Date.now());
  const isBackfilled = !isComplete && session?.kind === "live" && (await redis.standingOf(sid)) === "none";
  if (isBackfilled) await redis.put(sid, session.data, { onlyIfAbsent: true, seconds: session.seconds });
  else await source.remove([sid]);
}

async function repairRedis({ source, redis }: VerifyOptions, sid: string, row: Row | undefined): Promise<void> {
  const session = row && readRow(row, Date.now());
  if (session?.kind !== "live") return redis.bury(sid, buriedFor);
  const result = await redis.put(sid, session.data, { onlyIfAbsent: false, seconds: session.seconds });
  if (result === "dead") await source.remove([sid]);
}

/** Seconds: longer than any process takes for a save that is under way. */
const buriedFor = 86_400;

/** Compares what both have of one session. Lifetimes are renewed in the home first, and in the copy a moment later. */
async function judge(redis: RedisSessionStore, sid: string, row: Row | undefined, home: Home): Promise<Verdict> {
  const now = Date.now();
  const session = row && readRow(row, now);
  if (session?.kind === "unreadable") return "unreadable";
  const data: SessionData | null = await redis.get(sid);
  if (session?.kind !== "live") {
    if (!data) return "none";
    return (await redis.secondsLeft(sid)) <= lagOf(lifetimeOf(data, redis)) ? "none" : "onlyRedis";
  }
  const lifetime = lifetimeOf(session.data, redis);
  if (!data) return session.seconds <= lagOf(lifetime) ? "none" : "onlyLegacy";
  if (!sameSession(session.data, data)) return "differing";
  if (redis.disableTTL) return "same";
  const left = { legacy: (row!.expires - now) / 1000, redis: await redis.secondsLeft(sid) };
  const copy = home === "redis" ? "legacy" : "redis";
  return left[home] - left[copy] > lifetime / 10 + 2 ? "differing" : "same";
}

/** Seconds by which the copy may end before its home, or after it: a touch interval. */
function lagOf(lifetime: number): number {
  return Math.min(60, lifetime / 20) + 2;
}

/** In seconds. */
function lifetimeOf({ cookie }: SessionData, { ttl }: RedisSessionStore): number {
  const { originalMaxAge } = cookie;
  if (typeof originalMaxAge === "number") return originalMaxAge / 1000;
  return typeof ttl === "number" ? ttl : 86_400;
}

function readKind(row: Row | undefined): ReadRow["kind"] | undefined {
  return row && readRow(row, Date.now()).kind;
}
