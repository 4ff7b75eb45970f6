/** What the buttons do: the steps of a migration, each with its progress and its outcome. */
import {
  backfill,
  rollback,
  verify,
  type BackfillResult,
  type Move,
  type MoveControl,
  type Source,
  type VerifyResult,
} from "../../migrate/index.js";
import type { RedisSessionStore } from "../../express-session/index.js";
import { count, number, seconds } from "../views/amounts.js";
import type { Outcome, Report, Slot, Work } from "./jobs.js";

export const actions = ["start", "set", "backfill", "verify", "finish", "rollback"] as const;

export interface Order {
  readonly action: (typeof actions)[number];
  /** For `set`: the new position of the dial. */
  readonly dial?: number | undefined;
  /** For `verify`. */
  readonly repair?: boolean;
}

export interface OperatorParts {
  readonly move: Move;
  readonly control: MoveControl;
  readonly redis: RedisSessionStore;
  /** The table of the legacy store. */
  readonly source: Source;
}

/** The work that an order means. */
export function workOf({ action, dial = 0, repair = false }: Order, parts: OperatorParts): Work {
  const { move } = parts;
  const step = (doing: (onWait: (what: string) => void) => Promise<void>, sentence: string): Work => {
    return async (report) => {
      await doing((what) => report({ sentence: `Waiting for ${what} …` }));
      return { state: "done", sentence };
    };
  };
  if (action === "start") return step((onWait) => move.start({ onWait }), "Every change goes to both stores now.");
  if (action === "set") return step((onWait) => move.turn(dial, { onWait }), `The dial is at ${dial}.`);
  if (action === "finish") return step((onWait) => move.finish({ onWait }), "The old store is no longer used.");
  if (action === "backfill") return (report, signal) => fill(parts, report, signal);
  if (action === "verify") return (report, signal) => check(parts, repair, report, signal);
  return (report, signal) => goBack(parts, report, signal);
}

/** Where the outcome is shown. */
export function slotOf({ action, dial }: Order): Slot {
  if (action !== "set") return action;
  return dial === 10 || dial === 50 || dial === 100 ? `set-${dial}` : "set";
}

type Tell = (now: Report) => void;

async function fill({ source, redis, control }: OperatorParts, report: Tell, signal: AbortSignal): Promise<Outcome> {
  const began = performance.now();
  const onProgress = (now: BackfillResult) => {
    const { read } = now;
    const total = Math.max(now.total, read);
    const rate = (1000 * now.copied) / Math.max(1, performance.now() - began);
    const pace = rate > 0 ? ` ${number(rate)} a second, ${seconds((total - read) / rate)} left.` : "";
    report({ done: read, total, sentence: copiedWords(now) + pace });
  };
  const result = await backfill({ source, redis, control, signal, onProgress });
  if (result.isComplete) return { state: "done", sentence: copiedWords(result) };
  return { state: "interrupted", sentence: `Interrupted after ${count(result.read, "row")}. Press again to continue.` };
}

async function check(
  { source, redis, control, move }: OperatorParts,
  repair: boolean,
  report: Tell,
  signal: AbortSignal,
): Promise<Outcome> {
  const { version } = await move.status(); // the result counts for the state at the start of the comparison
  const onProgress = (now: VerifyResult) => report(compared(now));
  const result = await verify({ source, redis, control, repair, signal, onProgress });
  const { sentence } = compared(result);
  const { differing, onlyLegacy, onlyRedis, repaired } = result;
  if (!result.isComplete) return { state: "interrupted", sentence: `${sentence} Interrupted.` };
  if (differing + onlyLegacy + onlyRedis > repaired) {
    const next = repair ? "Not all could be repaired." : "Check “repair” to bring the copies up to date.";
    return { state: "refused", sentence: `${sentence} ${next}` };
  }
  if (await move.noteVerified(version)) return { state: "done", sentence };
  return { state: "refused", sentence: `${sentence} But the dial was turned meanwhile, so compare again.` };
}

async function goBack(parts: OperatorParts, report: Tell, signal: AbortSignal): Promise<Outcome> {
  let part = "";
  const result = await rollback({
    ...parts,
    signal,
    onPart: (now) => report({ sentence: `${(part = now)} …`, done: undefined, total: undefined }),
    onWait: (what) => report({ sentence: `${part}: waiting for ${what} …` }),
    onProgress: (now) => report({ ...compared(now), sentence: `${part}: ${count(now.read, "row")} checked.` }),
  });
  const sessions = count(result.same + result.repaired, "session");
  return { state: "done", sentence: `All ${sessions} are in the old store, and Redis is no longer used.` };
}

function copiedWords({ read, copied, there, expired, unreadableCount }: BackfillResult): string {
  const parts = [`${number(copied)} copied`, `${number(there)} already there`, `${number(expired)} expired`];
  if (unreadableCount > 0) parts.push(`${number(unreadableCount)} unreadable`);
  return `${count(read, "row")} checked: ${parts.join(", ")}.`;
}

function compared(result: VerifyResult): Report {
  const { same, differing, onlyLegacy, onlyRedis, repaired, unreadable, read, total } = result;
  const parts = [`${number(same)} the same`, `${number(differing)} different`];
  parts.push(`${number(onlyLegacy)} only in the old store`, `${number(onlyRedis)} only in Redis`);
  if (unreadable > 0) parts.push(`${number(unreadable)} unreadable`);
  const repairs = repaired > 0 ? ` ${number(repaired)} repaired.` : "";
  return { sentence: `${parts.join(", ")}.${repairs}`, done: read, total: Math.max(total, read) };
}
