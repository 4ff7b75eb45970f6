/** The rollback, from any point of the move: afterwards the legacy store has every session, and Redis is not used. */
import { mustBePossible, refusal } from "../state/machine.js";
import type { Move, StepOptions } from "./move.js";
import { compare, planRepair, remainingIn, type VerifyOptions, type VerifyResult } from "./verify.js";

/** The options of `rollback()`. */
export interface RollbackOptions extends VerifyOptions, StepOptions {
  move: Move;
  /** Called when the next part begins. @default none */
  onPart?: ((part: string) => void) | undefined;
}

/**
 * First computes what it would change, and refuses if that is implausibly much. Then it writes both stores again,
 * repairs, turns the dial to 0 and stops using Redis. If it is interrupted anywhere, the next call continues.
 *
 * @throws HoldfastError MOVE_UNPROVEN, MOVE_REFUSED, and what the source throws
 * @example
 * const { repaired } = await rollback({ source, redis, control, move, onPart: (part) => console.log(part) });
 */
export async function rollback(options: RollbackOptions): Promise<VerifyResult> {
  const { move, control, source, onPart, acceptLoss, leaveBehind } = options;
  mustBePossible("rollback", await control.read());
  onPart?.("Comparing both stores");
  if (!(await planRepair({ ...options, repair: true })).isComplete)
    throw refusal("The rollback was stopped before it began. Nothing was changed.");
  onPart?.("Writing both stores again");
  await move.reopen(options);
  onPart?.("Updating the legacy store");
  const { version } = await control.read();
  const result = await compare({ ...options, repair: true });
  const remaining = remainingIn(result);
  if (!result.isComplete) throw unfinished("The rollback was interrupted.");
  if (remaining > 0 && !leaveBehind) throw unfinished(remainingText(remaining, result));
  if (!(await move.noteVerified(version)) && !acceptLoss)
    throw unfinished("The move changed while the stores were compared.");
  const part = { ...options, isPart: true };
  onPart?.("Turning the dial to 0");
  await move.turn(0, part);
  onPart?.("Ending writes to Redis");
  await move.stop(part);
  if (!options.trustSource) await source.remove([control.markerId]);
  return result;
}

function remainingText(remaining: number, { leftBehind }: VerifyResult): string {
  const sentence = `${remaining} ${remaining === 1 ? "session" : "sessions"} could not be moved back`;
  if (leftBehind.length === 0) return `${sentence}.`;
  return (
    `${sentence}: a store rejects them, or they cannot be read: ${leftBehind.slice(0, 10).join(", ")} (short ` +
    "hashes). End them, or leave them behind with --leave-behind."
  );
}

function unfinished(why: string): Error {
  return refusal(`${why} Run \`holdfast migrate rollback\` again to continue.`);
}
