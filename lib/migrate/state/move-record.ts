/** The stored forms of the move's state and of the processes' reports, and how they are read. Pure. */
import { notBegun, type MoveState, type Phase } from "./dial.js";

/** The settings of the app's Redis store, so that the command reads and writes sessions the same way. */
export interface StoreFacts {
  readonly prefix: string;
  readonly layout: "json" | "hash";
  /** `custom`: the app's own serializer, which is needed to read what is stored. */
  readonly serializer: "json" | "custom";
  /** Seconds; null if the app's option is a function. */
  readonly ttl: number | null;
  readonly disableTTL: boolean;
  /**
   * Whether it encrypts what it writes, and the names of its keys, which do not tell what they are; undefined without
   * keys.
   */
  readonly encryption?: { readonly isWriting: boolean; readonly keys: readonly string[] } | undefined;
}

/** What the command asks every process to do with its legacy store, to prove which table that is. */
export interface Ask {
  readonly id: string;
  /** Write the marker, with this ask's id. */
  readonly mark?: boolean | undefined;
  /** Report which of these sessions it finds. */
  readonly read?: readonly string[] | undefined;
}

export interface Answer {
  /** The ask that this answers. */
  readonly ask: string;
  /** False if the legacy store failed. */
  readonly isDone: boolean;
  readonly found: readonly string[];
}

/** What a process reports, twice a second. */
export interface ProcessReport {
  /** The name of its machine. */
  readonly host: string;
  /** The number by which the operating system knows the process. */
  readonly pid: number;
  /** The version that all its operations in progress follow. */
  readonly version: number;
  /** The number of changes that have not reached the mirror yet. */
  readonly pending: number;
  /** Short hashes of those that the mirror rejects although it works otherwise. */
  readonly stuck?: readonly string[] | undefined;
  /** The mirror missed more changes than this process can remember. */
  readonly overflowed: boolean;
  readonly store?: StoreFacts | undefined;
  readonly answer?: Answer | undefined;
}

/** A process of the app that follows the move. */
export interface KnownProcess extends ProcessReport {
  /** Random, new at each start. */
  readonly id: string;
  /** Seconds since its last report. */
  readonly silentFor: number;
}

/** The state, with what only the command needs. */
export interface MoveRecord extends MoveState {
  /** Milliseconds since 1970 by the Redis server's clock. */
  readonly startedAt: number | undefined;
  /**
   * Why the stores may differ, such as a process that stopped reporting. Cleared by a comparison that finds no
   * difference.
   */
  readonly doubt: string | undefined;
  /** A command is turning the dial now. */
  readonly isTurning: boolean;
  /** The settings of the app's Redis store when the move began. */
  readonly store: StoreFacts | undefined;
  /** Milliseconds since 1970 by the Redis server's clock. */
  readonly now: number;
}

/** How far a backfill is, so that an interrupted one can be continued. */
export interface BackfillMark {
  /** The id of the last row that was read; undefined if none was. */
  readonly after?: string | undefined;
  /** The number of rows that were read. */
  readonly read: number;
  /** The run that wrote this; undefined if it has ended. */
  readonly run?: string | undefined;
  /** When it wrote this, in milliseconds since 1970 by the Redis server's clock; undefined if it has ended. */
  readonly at?: number | undefined;
}

/** Seconds without a report after which a process is considered gone. */
export const silentAfter = 10;
/** Milliseconds without progress after which a turn of the dial is considered abandoned. */
const turnAbandonedAfter = 3000;

/** The hash of the state, as this package writes it. */
export interface StateFields {
  phase?: Phase;
  [name: string]: string | undefined;
}

/** Without a phase, no move is stored. */
export function stateOf(fields: StateFields): MoveState {
  const { phase } = fields;
  if (phase === undefined) return { ...notBegun, version: Number(fields["version"] ?? 0) };
  return {
    phase,
    dial: Number(fields["dial"] ?? 0),
    other: numberOf(fields["other"]),
    isCopying: fields["copying"] === "1",
    isComplete: fields["complete"] === "1",
    isReturning: fields["returning"] === "1",
    verified: numberOf(fields["verified"]),
    unmirrored: Number(fields["unmirrored"] ?? 0),
    version: Number(fields["version"] ?? 0),
  };
}

export function recordOf(fields: StateFields): MoveRecord {
  const state = stateOf(fields);
  const now = Number(fields["now"]);
  return {
    ...state,
    startedAt: numberOf(fields["startedAt"]),
    doubt: fields["doubt"],
    isTurning: state.other !== undefined && now - Number(fields["turningAt"] ?? 0) < turnAbandonedAfter,
    store: fields["store"] === undefined ? undefined : JSON.parse(fields["store"]),
    now,
  };
}

/** The fields of a state, in the form that `change` accepts. */
export function fieldsOf({ phase, dial, other, isCopying, isComplete, isReturning, version }: MoveState) {
  return {
    phase,
    dial,
    other: other ?? "",
    copying: isCopying ? 1 : "",
    complete: isComplete ? 1 : "",
    returning: isReturning ? 1 : "",
    version,
  };
}

export function askOf(fields: StateFields): Ask | undefined {
  return fields["ask"] === undefined ? undefined : JSON.parse(fields["ask"]);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
