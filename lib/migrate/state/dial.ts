/** Which of the two stores is a session's home, according to the dial. Pure. */
import { createHash } from "node:crypto";

/** The store that holds the primary copy of a session. */
export type Home = "legacy" | "redis";

/** `off`: not begun, or rolled back. `moving`: both stores are written. `finished`: only Redis is used. */
export type Phase = "off" | "moving" | "finished";

/** The state of the move, as stored in Redis. */
export interface MoveState {
  /** How far the move is. */
  readonly phase: Phase;
  /** 0 to 100: the share of sessions whose home is Redis. */
  readonly dial: number;
  /**
   * While the dial is being turned: the position it comes from or goes to. Sessions between the two are written to both
   * stores first.
   */
  readonly other: number | undefined;
  /** The first and the last step of a turn: sessions in between are written to their home first, and must be copied. */
  readonly isCopying: boolean;
  /**
   * Redis was the only store for a while: a session that it does not have has ended, even if the legacy store has it.
   */
  readonly isComplete: boolean;
  /** A rollback has begun and is not finished. */
  readonly isReturning: boolean;
  /** The version at which both stores were last found equal; undefined if never since the move began. */
  readonly verified: number | undefined;
  /** The number of sessions whose change reached Redis but not the legacy store. */
  readonly unmirrored: number;
  /** Counts changes of the state; each process reports the version that it follows. */
  readonly version: number;
}

export const notBegun: MoveState = {
  phase: "off",
  dial: 0,
  other: undefined,
  isCopying: false,
  isComplete: false,
  isReturning: false,
  verified: undefined,
  unmirrored: 0,
  version: 0,
};

/**
 * 0 to 99; always the same for a session, in every process.
 *
 * @example
 * bucketOf("f2Kw...") // such as 37: in Redis once the dial is past 37
 */
export function bucketOf(sid: string): number {
  return createHash("sha256").update(sid).digest().readUInt32BE(0) % 100;
}

/**
 * The store that is the session's home in this state.
 *
 * @example
 * homeOf("f2Kw...", { phase: "moving", dial: 10 }) // "redis" for every tenth session
 */
export function homeOf(sid: string, state: Pick<MoveState, "phase" | "dial">): Home {
  return placementOf(sid, { ...state, other: undefined, isCopying: false }).home;
}

/** Where one session is during one operation; computed once, and used throughout the operation. */
export interface Placement {
  /** The store that is read. */
  readonly home: Home;
  /** The store that is written first; the mirror gets a copy of the result. */
  readonly primary: Home;
  /** The store that gets the copy; undefined if only one store is used. */
  readonly mirror: Home | undefined;
  /** Its home is changing, so that processes may disagree about it. */
  readonly isTurning: boolean;
  /** A copy that fails is a failure of the request. */
  readonly mustCopy: boolean;
}

/**
 * Redis merges the changes of overlapping requests; the legacy store overwrites. So while a session's home is changing,
 * in either direction, all processes write it to Redis first. Processes take that up one after the other: before the first one
 * does so, and until the last one does so no more, no copy may fail unnoticed, or a merge in Redis would begin without it.
 */
export function placementOf(
  sid: string,
  { phase, dial, other, isCopying }: Pick<MoveState, "phase" | "dial" | "other" | "isCopying">,
): Placement {
  if (phase === "off") return onlyLegacy;
  if (phase === "finished") return onlyRedis;
  const bucket = bucketOf(sid);
  const home = bucket < dial ? "redis" : "legacy";
  const mustCopy = other !== undefined && bucket >= Math.min(dial, other) && bucket < Math.max(dial, other);
  const isTurning = mustCopy && !isCopying;
  const primary = isTurning ? "redis" : home;
  return { home, primary, mirror: primary === "redis" ? "legacy" : "redis", isTurning, mustCopy };
}

const alone = { mirror: undefined, isTurning: false, mustCopy: false };
const onlyLegacy: Placement = { home: "legacy", primary: "legacy", ...alone };
const onlyRedis: Placement = { home: "redis", primary: "redis", ...alone };
