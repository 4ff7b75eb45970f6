/** What the operator's buttons do: the steps of `holdfast/migrate`, each with its progress and its outcome. */
import { backfill, Move, rollback, verify, type BackfillResult, type VerifyResult } from "holdfast/migrate";
import { Jobs, slots, type Report, type Slot, type Work } from "./jobs.js";
import type { TwoStores } from "./two-stores.js";

export const actions = ["start", "set", "backfill", "verify", "finish", "rollback"] as const;

export interface Order {
  readonly action: (typeof actions)[number];
  /** For `set`: the new position of the dial. */
  readonly dial?: number | undefined;
  /** For `verify`; it has two buttons. */
  readonly repair?: boolean;
  readonly again?: boolean;
}

/** What the shop has during the migration. */
export interface Moving {
  readonly stores: TwoStores;
  readonly operator: Operator;
  /** The options that tell `npx holdfast migrate` where both stores are. */
  readonly places: string;
}

/** Rows per second: slow enough for the bar to be visible. */
const rate = 1500;

export class Operator {
  readonly jobs: Jobs;
  readonly move: Move;
  readonly #stores: TwoStores;

  constructor(stores: TwoStores) {
    this.#stores = stores;
    this.jobs = new Jobs(stores.client);
    this.move = new Move(stores.control);
  }

  /** Starts it. Undefined if another job is running. */
  begin(order: Order): Promise<{ ended: Promise<void> } | undefined> {
    return this.jobs.begin(slotOf(order), async (report, signal) => {
      try {
        return await this.#work(order)(report, signal);
      } catch (error) {
        return { state: "refused", sentence: reasonOf(error) };
      }
    });
  }

  #work({ action, dial, repair = false }: Order): Work {
    const { move } = this;
    const step = (doing: (onWait: (what: string) => void) => Promise<void>, sentence: string): Work => {
      return async (report) => {
        await doing((what) => report({ sentence: `Waiting for ${what} …` }));
        return { state: "done", sentence };
      };
    };
    switch (action) {
      case "start":
        return step((onWait) => move.start({ onWait }), "Every change goes to both stores from now on.");
      case "set":
        return step((onWait) => move.turn(dial ?? Number.NaN, { onWait }), `The dial is at ${dial}.`);
      case "finish":
        return step(
          (onWait) => move.finish({ onWait }),
          "All sessions are in Redis now; PostgreSQL is no longer used.",
        );
      case "backfill":
        return (report, signal) => this.#backfill(report, signal);
      case "verify":
        return (report, signal) => this.#verify(repair, report, signal);
      case "rollback":
        return (report, signal) => this.#rollback(report, signal);
    }
  }

  async #backfill(report: (now: Report) => void, signal: AbortSignal): ReturnType<Work> {
    const { phase } = await this.move.status();
    if (phase === "off") return refused("The move has not begun. Run `holdfast migrate start` first.");
    if (phase === "finished") return refused("The move is finished: there is nothing left to copy.");
    const { source, redis, control } = this.#stores;
    const onProgress = (now: BackfillResult) =>
      report({ done: now.read, total: Math.max(now.total, now.read), sentence: copied(now) });
    const result = await backfill({ source, redis, control, rate, signal, onProgress });
    if (result.isComplete) return { state: "done", sentence: copied(result) };
    return {
      state: "interrupted",
      sentence: `Interrupted after ${count(result.read, "row")}. Press again to continue.`,
    };
  }

  async #verify(repair: boolean, report: (now: Report) => void, signal: AbortSignal): ReturnType<Work> {
    const { source, redis, control } = this.#stores;
    // The result counts for the state of the migration at the start of the comparison.
    const { version, phase } = await this.move.status();
    if (phase === "off") return refused("The move has not begun. Run `holdfast migrate start` first.");
    if (phase === "finished") return refused("The move is finished, and PostgreSQL is no longer written.");
    const result = await verify({ source, redis, control, repair, signal, onProgress: (now) => report(compared(now)) });
    const { sentence } = compared(result);
    if (!result.isComplete) return { state: "interrupted", sentence: `${sentence} Interrupted.` };
    if (left(result) > 0)
      return refused(`${sentence} ${repair ? "Not all could be repaired." : "“Repair” brings the copies up to date."}`);
    if (await this.move.noteVerified(version)) return { state: "done", sentence };
    return refused(`${sentence} But the dial was turned meanwhile, so compare again.`);
  }

  async #rollback(report: (now: Report) => void, signal: AbortSignal): ReturnType<Work> {
    let part = "";
    const { source, redis, control } = this.#stores;
    const result = await rollback({
      move: this.move,
      source,
      redis,
      control,
      signal,
      onPart: (now) => report({ sentence: `${(part = now)} …`, done: undefined, total: undefined }),
      onWait: (what) => report({ sentence: `${part}: waiting for ${what} …` }),
      onProgress: (now) => report({ ...compared(now), sentence: `${part}: ${count(now.read, "row")} checked.` }),
    });
    const sessions = result.same + result.repaired;
    return {
      state: "done",
      sentence: `All ${count(sessions, "session")} are in PostgreSQL, and Redis is no longer used.`,
    };
  }
}

/** Where the outcome is shown. */
export function slotOf({ action, dial, again }: Order): Slot {
  return slots.find((slot) => slot === `${action}-${again ? "again" : dial}`) ?? action;
}

/** The remaining differences. */
function left({ differing, onlyLegacy, onlyRedis, repaired }: VerifyResult): number {
  return differing + onlyLegacy + onlyRedis - repaired;
}

function copied({ read, copied, there, expired, unreadableCount }: BackfillResult): string {
  const parts = [`${number(copied)} copied`, `${number(there)} already there`, `${number(expired)} expired`];
  if (unreadableCount > 0) parts.push(`${number(unreadableCount)} unreadable`);
  return `${count(read, "row")} checked: ${parts.join(", ")}.`;
}

function compared(result: VerifyResult): Report {
  const { same, differing, onlyLegacy, onlyRedis, repaired, unreadable, read, total } = result;
  const parts = [`${number(same)} the same`, `${number(differing)} different`];
  parts.push(`${number(onlyLegacy)} only in PostgreSQL`, `${number(onlyRedis)} only in Redis`);
  if (unreadable > 0) parts.push(`${number(unreadable)} unreadable`);
  const repairs = repaired > 0 ? ` ${number(repaired)} repaired.` : "";
  return { sentence: `${parts.join(", ")}.${repairs}`, done: read, total: Math.max(total, read) };
}

function refused(sentence: string): { state: "refused"; sentence: string } {
  return { state: "refused", sentence };
}

/** The package's messages are shown as they are; other errors go to the shop's own output. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && String((error as { code?: unknown }).code).startsWith("HOLDFAST_"))
    return error.message;
  console.error(error);
  return "Something went wrong; the shop's output says why.";
}

export function number(value: number): string {
  return value.toLocaleString("en");
}

function count(value: number, thing: string): string {
  return `${number(value)} ${thing}${value === 1 ? "" : "s"}`;
}
