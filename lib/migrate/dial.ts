/** Which of the two stores is a session's home: the dial's words. Pure. */
import { createHash } from "node:crypto";

export type Home = "legacy" | "redis";

/** `off`: nothing has begun, or all was rolled back. `moving`: both stores are written. `finished`: Redis alone. */
export type Phase = "off" | "moving" | "finished";

/** The move as Redis holds it. */
export interface MoveState {
  readonly phase: Phase;
  /** 0 to 100: the share of sessions whose home is Redis. */
  readonly dial: number;
  /** While the dial is being turned: where it comes from or goes to. Sessions between the two are written in both stores. */
  readonly other: number | undefined;
  /** Redis was the only home for a while: what it does not have is gone, whatever the legacy store says. */
  readonly isComplete: boolean;
  /** The version under which all sessions were last found the same in both stores; none since the move began. */
  readonly verified: number | undefined;
  /** Sessions whose change reached Redis and not the legacy store. */
  readonly unmirrored: number;
  /** Counts changes; a process tells which one it follows. */
  readonly version: number;
}

export const notBegun: MoveState = {
  phase: "off",
  dial: 0,
  other: undefined,
  isComplete: false,
  verified: undefined,
  unmirrored: 0,
  version: 0,
};

/** 0 to 99, the same for a session in every process and for ever. */
export function bucketOf(sid: string): number {
  return createHash("sha256").update(sid).digest().readUInt32BE(0) % 100;
}

export function homeOf(sid: string, { phase, dial }: Pick<MoveState, "phase" | "dial">): Home {
  if (phase !== "moving") return phase === "finished" ? "redis" : "legacy";
  return bucketOf(sid) < dial ? "redis" : "legacy";
}

/** Whether the session's home is changing just now, so that some processes look for it here and some there. */
export function isChangingHome(sid: string, { dial, other }: MoveState): boolean {
  if (other === undefined) return false;
  const bucket = bucketOf(sid);
  return bucket >= Math.min(dial, other) && bucket < Math.max(dial, other);
}
