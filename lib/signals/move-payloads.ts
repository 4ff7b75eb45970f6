/** The payloads of the signals about a move. */
import { SessionSignal } from "./session-payloads.js";

export type MovePhase = "off" | "moving" | "finished";

export interface MoveChanged {
  /** The version of the new state, which counts changes. */
  readonly version: number;
  /** The fields of the state that were written, such as `phase` and `dial`; one that is empty was removed. */
  readonly fields: Readonly<Record<string, string | number>>;
}

export interface MoveFollowed {
  /** The store that follows. */
  readonly store: object;
  readonly phase: MovePhase;
  /** The percentage of sessions whose home is Redis. */
  readonly dial: number;
  /** The version of the state that it follows now. */
  readonly version: number;
}

export class MirrorSignal extends SessionSignal {
  /** The store that gets the copy. */
  readonly to: "legacy" | "redis";
  /** False if it failed, or took too long to wait for; it is retried. */
  readonly isCopied: boolean;

  constructor(store: object, sid: string, to: "legacy" | "redis", isCopied: boolean) {
    super(store, sid);
    this.to = to;
    this.isCopied = isCopied;
  }
}
