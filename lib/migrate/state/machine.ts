/**
 * The move as a state machine: which steps are possible in its state, and which one comes next. The steps themselves,
 * dry runs, the command and its status all ask here. Pure.
 *
 *     off -> moving (dial 0 ... 100, turning in between) -> finished
 *      ^        |                                            |
 *      +--------+------------------ rollback ----------------+
 */
import { moveRefused as refusal } from "../../errors/index.js";
import type { MoveRecord } from "./move-record.js";

export type StepName = "start" | "set" | "backfill" | "repair" | "finish" | "rollback";

/** What is known about the move. */
export type Position = Pick<
  MoveRecord,
  "phase" | "dial" | "other" | "isComplete" | "isReturning" | "verified" | "version" | "doubt"
> & {
  /** A command is turning the dial now. */
  readonly isTurning?: boolean | undefined;
};

/** What else the answer depends on. */
export interface Asked {
  /** The requested dial position. */
  target?: number | undefined;
  /** Continue even if changes may be lost: the move is in doubt, or the stores were not compared. */
  acceptLoss?: boolean | undefined;
  /** Start even if no process of the app follows the move. */
  withoutApp?: boolean | undefined;
  /** Whether any process of the app follows the move. */
  isFollowed?: boolean | undefined;
  /** The step is part of a rollback, or of another step that has already asked. */
  isPart?: boolean | undefined;
}

/** The message with which the step would be refused; undefined if it is possible. */
export function obstacle(step: StepName, position: Position, asked: Asked = {}): string | undefined {
  const { phase, isTurning } = position;
  if (phase === "moving" && isTurning && step !== "backfill" && step !== "repair" && !asked.isPart)
    return "Another command is turning the dial. Wait until `holdfast migrate status` shows that it is done.";
  if (step === "start") return beforeStart(position, asked);
  if (phase === "off")
    return step === "rollback"
      ? "The move has not begun, so there is nothing to roll back."
      : "The move has not begun. Run `holdfast migrate start` first.";
  if (step === "rollback") return undefined;
  if (phase === "finished") return afterFinish(step);
  if (step === "backfill") return beforeBackfill(position);
  if (step === "set") return beforeTurn(position, asked);
  if (step === "finish") return beforeFinish(position, asked);
  return undefined;
}

function beforeStart({ phase }: Position, { isFollowed = true, withoutApp = false }: Asked): string | undefined {
  if (phase !== "off") return "The move has already begun. Run `holdfast migrate status` to see its progress.";
  if (!isFollowed && !withoutApp)
    return (
      "No process of the app follows the move. Deploy the app with `store: new MigratingStore({ legacy, redis })` " +
      "first; see docs/migration.md."
    );
  return undefined;
}

function afterFinish(step: StepName): string | undefined {
  if (step === "finish") return undefined;
  if (step === "backfill")
    return (
      "The move is finished, so there is nothing to copy: sessions that are only in the database have been logged " +
      "out since."
    );
  if (step === "repair")
    return (
      "The move is finished, and the database is no longer written. To bring it up to date, run " +
      "`holdfast migrate rollback`."
    );
  return "The move is finished. To move the sessions back, run `holdfast migrate rollback`.";
}

/** If Redis was the only store, a row that it does not have is a session that was logged out since. */
function beforeBackfill({ isComplete: redisHasAll }: Position): string | undefined {
  if (!redisHasAll) return undefined;
  return (
    "The move was finished once, so sessions that are only in the database have been logged out since, and a " +
    "backfill would log them in again. Run `holdfast migrate rollback` to continue the interrupted rollback."
  );
}

function beforeTurn(position: Position, { target = 0, acceptLoss = false, isPart = false }: Asked): string | undefined {
  const { dial, other, doubt, verified, isReturning, isComplete: redisHasAll } = position;
  if (isReturning && redisHasAll && !isPart)
    return "A rollback was interrupted. Run `holdfast migrate rollback` to continue it.";
  if (doubt !== undefined && !acceptLoss) return doubtful(doubt);
  const isThere = dial === target && other === undefined;
  // Otherwise, what Redis has from an earlier move would count as the truth, including visitors who logged out since.
  if (verified === undefined && !isThere && !acceptLoss)
    return redisHasAll
      ? "The stores have not been compared since the database is written again. Run " +
          "`holdfast migrate verify --repair` first."
      : "The stores have not been compared since this move began. Run `holdfast migrate backfill`, then `verify`; if " +
          "it finds differences, `verify --repair`.";
  if (other !== undefined && other !== target && dial !== target)
    return (
      `The dial is partway between ${dial} and ${other}. Run \`holdfast migrate set ${dial}\` or \`set ${other}\` ` +
      "first."
    );
  return undefined;
}

function beforeFinish({ dial, other, doubt, verified, version }: Position, { acceptLoss = false }: Asked) {
  if (dial !== 100 || other !== undefined) return `The dial is at ${dial}. Run \`holdfast migrate set 100\` first.`;
  if (doubt !== undefined && !acceptLoss) return doubtful(doubt);
  if (verified !== version && !acceptLoss)
    return "The stores have not been compared since the dial was turned. Run `holdfast migrate verify` first.";
  return undefined;
}

/** The message for a move that is in doubt. */
export function doubtful(doubt: string): string {
  return (
    `${doubt} Recent changes may be in only one of the stores. Run \`holdfast migrate verify --repair\`, then try ` +
    "again."
  );
}

/** @throws HoldfastError MOVE_REFUSED */
export function mustBePossible(...args: Parameters<typeof obstacle>): void {
  const message = obstacle(...args);
  if (message !== undefined) throw refusal(message);
}

export { refusal };

export interface NextStep {
  readonly why: string;
  /** Such as `set 10`; undefined if it is not a step of the command. */
  readonly step?: string;
}

/** Usual positions of the dial, in order. */
const halts = [10, 50, 100];

/** What comes next. None of these would be refused. */
export function nextSteps(
  position: Position & {
    /** Rows that an interrupted backfill has read; undefined if there is none. */
    readonly backfilled: number | undefined;
    readonly isFollowed: boolean;
  },
): NextStep[] {
  const { phase, dial, other, doubt, verified, version, backfilled, isFollowed, isReturning } = position;
  const { isComplete: redisHasAll } = position;
  if (phase === "off") return beforeTheStart(isFollowed);
  if (phase === "finished") {
    const why = "Deploy the app with its RedisSessionStore alone. Then the table can be dropped.";
    return [{ why }, { why: "Until then, you can move all sessions back to it:", step: "rollback" }];
  }
  if (position.isTurning) return [{ why: "Another command is turning the dial. Wait until it is done." }];
  if (isReturning) return [{ why: "Continue the interrupted rollback:", step: "rollback" }];
  if (doubt !== undefined)
    return [{ why: "Compare the two stores, and repair the differences:", step: "verify --repair" }];
  const isVerified = verified === version;
  if (redisHasAll && verified === undefined)
    return [{ why: "Compare the two stores, and repair the differences:", step: "verify --repair" }];
  if (!redisHasAll && backfilled !== undefined)
    return [{ why: "Continue the interrupted backfill:", step: "backfill" }];
  if (!redisHasAll && (verified === undefined || (dial === 0 && other === undefined && !isVerified)))
    return [
      { why: "Copy the existing sessions (repeating it does no harm):", step: "backfill" },
      { why: "Then compare the two stores:", step: "verify" },
    ];
  if (other !== undefined)
    return [
      { why: `Turn the dial to ${dial}:`, step: `set ${dial}` },
      { why: `Or to ${other}:`, step: `set ${other}` },
    ];
  if (dial === 100)
    return isVerified
      ? [{ why: "When you are confident that all is well, stop using the database:", step: "finish" }]
      : [{ why: "Compare the two stores:", step: "verify" }];
  return [{ why: "Make Redis the home of more sessions:", step: `set ${halts.find((halt) => halt > dial)}` }];
}

function beforeTheStart(isFollowed: boolean): NextStep[] {
  const start = { why: "Start writing to both stores:", step: "start" };
  if (isFollowed) return [start];
  return [{ why: "Deploy the app with `store: new MigratingStore({ legacy, redis })`; see docs/migration.md." }, start];
}
