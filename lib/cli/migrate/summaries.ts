/** What the long works did, in words. Pure. */
import type { BackfillResult, VerifyResult } from "../../migrate/index.js";
import { count, number, span } from "../words.js";

/** Short hashes that are printed; `--json` has up to a hundred. */
const shown = 10;

export function backfillSummary(result: BackfillResult, seconds: number, isDryRun: boolean): string[] {
  const { copied, there, expired, unreadable, unreadableCount } = result;
  const looked = copied + there + expired + unreadableCount;
  const pace = seconds > 0 ? `, ${number(Math.round(looked / seconds))} a second` : "";
  const lines = [
    `${isDryRun ? "Would copy" : "Copied"} ${count(copied, "session", "sessions")} of ${count(looked, "row", "rows")}, in ${span(seconds)}${pace}.`,
  ];
  const left = [
    there > 0 && `${count(there, "was", "were")} in Redis already, or ended there`,
    expired > 0 && `${number(expired)} had expired`,
    unreadableCount > 0 &&
      `${count(unreadableCount, "is no session", "are no sessions")}: ${listed(unreadable, unreadableCount)}`,
  ].filter(Boolean);
  if (left.length > 0) lines.push(`Left alone: ${left.join("; ")}.`);
  return lines;
}

/** Differences that are left. */
export function leftOver({ differing, onlyLegacy, onlyRedis, repaired }: VerifyResult): number {
  return differing + onlyLegacy + onlyRedis - repaired;
}

export function verifySummary(result: VerifyResult): string[] {
  const { same, differing, onlyLegacy, onlyRedis, repaired, unreadable, examples } = result;
  const found = differing + onlyLegacy + onlyRedis;
  const lines = [`${count(same, "session is", "sessions are")} the same in both stores.`];
  if (unreadable > 0)
    lines.push(`${count(unreadable, "row is no session and was", "rows are no sessions and were")} not compared.`);
  if (found === 0) return [...lines, "No difference."];
  const kinds = [
    differing > 0 && count(differing, "differs", "differ"),
    onlyLegacy > 0 && `${number(onlyLegacy)} only in the database`,
    onlyRedis > 0 && `${number(onlyRedis)} only in Redis`,
  ].filter(Boolean);
  lines.push(`${count(found, "difference", "differences")}: ${kinds.join(", ")}; ${listed(examples, found)}.`);
  if (repaired > 0) lines.push(`Repaired: ${number(repaired)}.`);
  return lines;
}

/** Ids are secret: a session is named by the first eight digits of its id's SHA-256. */
function listed(labels: readonly string[], all: number): string {
  const some = labels.slice(0, shown).join(", ");
  const more = all - Math.min(shown, labels.length);
  return more > 0 ? `${some} and ${number(more)} more` : some;
}
