/** The way back, from wherever the move stands: afterwards the legacy store has every session, and Redis is not asked. */
import { codes, HoldfastError } from "../errors/index.js";
import type { Move, StepOptions } from "./move.js";
import { verify, type VerifyOptions, type VerifyResult } from "./verify.js";

export interface RollbackOptions extends VerifyOptions, StepOptions {
  move: Move;
  /** Told when the next part begins. */
  onPart?: ((part: string) => void) | undefined;
}

export async function rollback(options: RollbackOptions): Promise<VerifyResult> {
  const { move, control, onPart } = options;
  if ((await control.read()).phase === "off") {
    throw new HoldfastError(codes.MOVE_REFUSED, "The move has not begun, so there is nothing to bring back.", {
      status: 409,
    });
  }
  onPart?.("Writing both stores");
  await move.reopen(options);
  onPart?.("Bringing the legacy store up to date");
  const { version } = await control.read();
  const result = await verify({ ...options, repair: true });
  const left = result.differing + result.onlyLegacy + result.onlyRedis - result.repaired;
  if (!result.isComplete || (left > 0 && !options.force)) {
    const why = result.isComplete ? `${left} sessions could not be brought back.` : "It was interrupted.";
    throw new HoldfastError(codes.MOVE_REFUSED, `${why} Run \`holdfast migrate rollback\` again; it goes on.`, {
      status: 409,
    });
  }
  if (left === 0 && !(await move.noteVerified(version)) && !options.force) {
    const why = "The move went on while the stores were compared.";
    throw new HoldfastError(codes.MOVE_REFUSED, `${why} Run \`holdfast migrate rollback\` again; it goes on.`, {
      status: 409,
    });
  }
  onPart?.("Turning the dial to 0");
  await move.turn(0, options);
  onPart?.("Leaving Redis");
  await move.stop(options);
  return result;
}
