/** Whether a step would be refused: for `--dry-run`, and before a long work begins. Pure. */
import { codes, HoldfastError } from "../../errors/index.js";
import { isVerified, living, type Standing } from "./standing.js";

export type StepName = "start" | "set" | "backfill" | "repair" | "finish" | "rollback";

/** The sentence with which it would be refused; undefined if nothing stands in the way. */
export function obstacle(step: StepName, standing: Standing, target = 0, force = false): string | undefined {
  const { phase, dial, other, doubt } = standing;
  if (step === "start") {
    if (phase !== "off") return "The move has begun already. See `holdfast migrate status` for where it stands.";
    if (living(standing).length === 0 && !force)
      return "No process of the app follows the move. Deploy the app with `store: new MigratingStore({ legacy, redis })` first.";
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
    if (doubt !== undefined && !force) return `${doubt} Run \`holdfast migrate verify --repair\`, then try again.`;
    const isThere = dial === target && other === undefined;
    if (standing.verified === undefined && !isThere && !force)
      return "The two stores have never been compared since this move began. Run `holdfast migrate backfill`, then `verify`; and `verify --repair` if it finds differences.";
    if (other !== undefined && other !== target && dial !== target)
      return `The dial was left half way between ${dial} and ${other}. Run \`holdfast migrate set ${dial}\` or \`set ${other}\` first.`;
  }
  if (step === "finish") {
    if (dial !== 100 || other !== undefined)
      return `The dial stands at ${dial}. Run \`holdfast migrate set 100\` first.`;
    if (!isVerified(standing) && !force)
      return "The two stores have not been compared since the dial was turned. Run `holdfast migrate verify` first.";
  }
  return undefined;
}

/** @throws HoldfastError MOVE_REFUSED */
export function mustBePossible(...args: Parameters<typeof obstacle>): void {
  const sentence = obstacle(...args);
  if (sentence !== undefined) throw new HoldfastError(codes.MOVE_REFUSED, sentence, { status: 409 });
}
