/** What the operator's buttons do: the steps of `holdfast/migrate`, each with what it says on its way and at its end. */
import { backfill, Move, rollback, verify, type BackfillResult, type VerifyResult } from "holdfast/migrate";
import { Jobs, slots, type Report, type Slot, type Work } from "./jobs.js";
import type { TwoStores } from "./two-stores.js";

export const actions = ["start", "set", "backfill", "verify", "finish", "rollback"] as const;

export interface Order {
  readonly action: (typeof actions)[number];
  /** For `set`: where the dial shall stand. */
  readonly dial?: number | undefined;
  /** For `verify`; it has two buttons. */
  readonly repair?: boolean;
  readonly again?: boolean;
}

/** What the shop has while it moves. */
export interface Moving {
  readonly stores: TwoStores;
  readonly operator: Operator;
  /** The options with which `npx holdfast migrate` finds both stores. */
  readonly places: string;
}

/** Rows a second: so slow that one sees the bar. */
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

  /** Sets it going. Undefined if something else is going on. */
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
        return step((onWait) => move.turn(dial ?? Number.NaN, { onWait }), `The dial stands at ${dial}.`);
      case "finish":
        return step(
          (onWait) => move.finish({ onWait }),
          "Redis alone has the sessions now; PostgreSQL is not asked any more.",
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
      sentence: `Interrupted after ${count(result.read, "row")}. Press again; it goes on there.`,
    };
  }

  async #verify(repair: boolean, report: (now: Report) => void, signal: AbortSignal): ReturnType<Work> {
    const { source, redis, control } = this.#stores;
    // What is found counts for the move as it stood when the looking began.
    const { version, phase } = await this.move.status();
    if (phase === "off") return refused("The move has not begun. Run `holdfast migrate start` first.");
    if (phase === "finished") return refused("The move is finished, and PostgreSQL is not written any more.");
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
      onProgress: (now) => report({ ...compared(now), sentence: `${part}: ${count(now.read, "row")} looked at.` }),
    });
    const sessions = result.same + result.repaired;
    return {
      state: "done",
      sentence: `All ${count(sessions, "session")} are in PostgreSQL, and Redis is not asked any more.`,
    };
  }
}

/** Where the outcome is told. */
export function slotOf({ action, dial, again }: Order): Slot {
  return slots.find((slot) => slot === `${action}-${again ? "again" : dial}`) ?? action;
}

/** Differences that are still there. */
function left({ differing, onlyLegacy, onlyRedis, repaired }: VerifyResult): number {
  return differing + onlyLegacy + onlyRedis - repaired;
}

function copied({ read, copied, there, expired, unreadableCount }: BackfillResult): string {
  const parts = [`${number(copied)} copied`, `${number(there)} there already`, `${number(expired)} expired`];
  if (unreadableCount > 0) parts.push(`${number(unreadableCount)} unreadable`);
  return `${count(read, "row")} looked at: ${parts.join(", ")}.`;
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

/** What the package says is said as it is; anything else is for the shop's own output. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && String((error as { code?: unknown }).code).startsWith("HOLDFAST_"))
    return error.message;
  console.error(error);
  return "That went wrong; the shop's output says why.";
}

export function number(value: number): string {
  return value.toLocaleString("en");
}

function count(value: number, thing: string): string {
  return `${number(value)} ${thing}${value === 1 ? "" : "s"}`;
}
