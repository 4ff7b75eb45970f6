/** Whether a step of the move would be refused: asked before it begins, and by a dry run. Pure. */
import { codes, HoldfastError } from "../errors/index.js";
import type { MoveRecord } from "./control.js";

export type StepName = "start" | "set" | "backfill" | "repair" | "finish" | "rollback";

/** What an answer depends on besides. */
export interface Asked {
  /** Where the dial is to be turned. */
  target?: number | undefined;
  force?: boolean | undefined;
  /** Whether any process of the app follows the move. */
  isFollowed?: boolean | undefined;
}

/** The sentence with which it would be refused; undefined if nothing stands in the way. */
export function obstacle(
  step: StepName,
  record: MoveRecord,
  { target = 0, force = false, isFollowed = true }: Asked = {},
): string | undefined {
  const { phase, dial, other, doubt, verified, version } = record;
  if (step === "start") {
    if (phase !== "off") return "The move has begun already. See `holdfast migrate status` for where it stands.";
    if (!isFollowed && !force)
      return "No process of the app follows the move. Deploy the app with `store: new MigratingStore({ legacy, redis })` first; see docs/migration.md.";
    return undefined;
  }
  if (phase === "off")
    return step === "rollback"
      ? "The move has not begun, so there is nothing to bring back."
      : "The move has not begun. Run `holdfast migrate start` first.";
  if (step === "rollback") return undefined;
  if (phase === "finished") {
    if (step === "finish") return undefined;
    if (step === "backfill")
      return "The move is finished: what only the database has was logged out since, and stays so. Nothing to copy.";
    if (step === "repair")
      return "The move is finished, and the database is not written any more. `holdfast migrate rollback` brings it up to date.";
    return "The move is finished. `holdfast migrate rollback` brings the sessions back.";
  }
  if (step === "set") {
    if (doubt !== undefined && !force) return doubtful(doubt);
    const isThere = dial === target && other === undefined;
    // What Redis has from an earlier move, logged-out visitors included, would be taken for the truth.
    if (verified === undefined && !isThere && !force)
      return "The two stores have never been compared since this move began. Run `holdfast migrate backfill`, then `verify`; and `verify --repair` if it finds differences.";
    if (other !== undefined && other !== target && dial !== target)
      return `The dial was left half way between ${dial} and ${other}. Run \`holdfast migrate set ${dial}\` or \`set ${other}\` first.`;
  }
  if (step === "finish") {
    if (dial !== 100 || other !== undefined)
      return `The dial stands at ${dial}. Run \`holdfast migrate set 100\` first.`;
    if (doubt !== undefined && !force) return doubtful(doubt);
    if (verified !== version && !force)
      return "The two stores have not been compared since the dial was turned. Run `holdfast migrate verify` first.";
  }
  return undefined;
}

/** What is said of a process that ended without a word. */
export function doubtful(doubt: string): string {
  return `${doubt} Changes of its last moments may be in one store only. Run \`holdfast migrate verify --repair\`, then try again.`;
}

/** @throws HoldfastError MOVE_REFUSED */
export function mustBePossible(...args: Parameters<typeof obstacle>): void {
  const sentence = obstacle(...args);
  if (sentence !== undefined) throw refusal(sentence);
}

export function refusal(sentence: string): HoldfastError {
  return new HoldfastError(codes.MOVE_REFUSED, sentence, { status: 409 });
}
