/** Summaries of a backfill and of a comparison. Pure. */
import type { BackfillResult, VerifyResult } from "../../migrate/index.js";
import { count, number, span } from "../words.js";

/** How many short hashes are printed; `--json` has up to a hundred. */
const shown = 10;

export function backfillSummary(result: BackfillResult, seconds: number, isDryRun: boolean): string[] {
  const { copied, there, expired, unreadable, unreadableCount } = result;
  const read = copied + there + expired + unreadableCount;
  const pace = seconds > 0 ? `, ${number(Math.round(read / seconds))} per second` : "";
  const lines = [
    `${isDryRun ? "Would copy" : "Copied"} ${count(copied, "session", "sessions")} of ${count(read, "row", "rows")} ` +
      `in ${span(seconds)}${pace}.`,
  ];
  const skipped = [
    there > 0 && `${count(there, "was", "were")} already in Redis, or had ended there`,
    expired > 0 && `${number(expired)} had expired`,
    unreadableCount > 0 &&
      `${count(unreadableCount, "is not a session", "are not sessions")}: ${listed(unreadable, unreadableCount)}`,
  ].filter(Boolean);
  if (skipped.length > 0) lines.push(`Skipped: ${skipped.join("; ")}.`);
  return lines;
}

export function verifySummary(result: VerifyResult): string[] {
  const { same, differing, onlyLegacy, onlyRedis, repaired, unreadable, unreadableInRedis, examples } = result;
  const differences = differing + onlyLegacy + onlyRedis;
  const lines = [`${count(same, "session is", "sessions are")} equal in both stores.`];
  if (unreadable > 0)
    lines.push(`${count(unreadable, "row is not a session and was", "rows are not sessions and were")} not compared.`);
  if (unreadableInRedis > 0) {
    const [one, many] = ["value in Redis cannot be read as a session", "values in Redis cannot be read as sessions"];
    const skipped = count(unreadableInRedis, `${one} and was skipped`, `${many} and were skipped`);
    lines.push(`${skipped}: ${listed(result.leftBehind, unreadableInRedis)}.`);
  }
  if (differences === 0) return unreadableInRedis > 0 ? lines : [...lines, "No differences."];
  const kinds = [
    differing > 0 && count(differing, "differs", "differ"),
    onlyLegacy > 0 && `${number(onlyLegacy)} only in the database`,
    onlyRedis > 0 && `${number(onlyRedis)} only in Redis`,
  ].filter(Boolean);
  lines.push(
    `${count(differences, "difference", "differences")}: ${kinds.join(", ")}; ${listed(examples, differences)}.`,
  );
  if (repaired > 0) lines.push(`Repaired: ${number(repaired)}.`);
  if (result.failed > 0)
    lines.push(
      `Rejected by the other store and left behind: ${number(result.failed)}; ` +
        `${listed(result.leftBehind, result.failed)}.`,
    );
  return lines;
}

/** Ids are secret: a session is shown as the first eight digits of its id's SHA-256. */
function listed(labels: readonly string[], all: number): string {
  const some = labels.slice(0, shown).join(", ");
  const more = all - Math.min(shown, labels.length);
  return more > 0 ? `${some} and ${number(more)} more` : some;
}
