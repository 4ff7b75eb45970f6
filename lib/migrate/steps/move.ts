/** The steps of the move: start, turn the dial, finish. Each is safe whatever the processes do meanwhile. */
import { setTimeout as delay } from "node:timers/promises";
import { setupInvalid, type HoldfastError } from "../../errors/index.js";
import { doubtful, mustBePossible, refusal } from "../state/machine.js";
import type { MoveControl } from "../state/control.js";
import { silentAfter, type KnownProcess, type MoveRecord, type StoreFacts } from "../state/move-record.js";
import { activeIn, dropSilent } from "./processes.js";

/** Milliseconds between two reads of the process list. */
const pollInterval = 100;
/** Milliseconds that a step waits for the processes. */
const stepTimeout = 60_000;

/** What a step was checked against, and what must still be so when it changes the state. */
const checkable = ["phase", "dial", "other", "isReturning"] as const;
type Checked = Pick<MoveRecord, (typeof checkable)[number]>;

/** What a step may do without, and what it reports. */
export interface StepOptions {
  /**
   * Continue even if changes may be lost: the move is in doubt, or the stores were not compared or copied.
   *
   * @default false
   */
  acceptLoss?: boolean | undefined;
  /** Continue even if a store rejects some sessions, which are then left behind. @default false */
  leaveBehind?: boolean | undefined;
  /** Called repeatedly during a wait, with what the step is waiting for. @default none */
  onWait?: ((what: string) => void) | undefined;
  /** Called with the short hashes of the sessions that are left behind because a store rejects them. @default none */
  onLeft?: ((labels: readonly string[]) => void) | undefined;
  /** This step is part of a rollback. @default false */
  isPart?: boolean | undefined;
}

/** The options of `move.start()`. */
export interface StartOptions extends StepOptions {
  /** Start even if no process of the app follows the move. @default false */
  withoutApp?: boolean | undefined;
}

/** What `move.status()` tells. */
export interface MoveStatus extends MoveRecord {
  readonly processes: readonly KnownProcess[];
  /** Changes that have not reached the mirror yet, summed over all processes. */
  readonly pending: number;
  /** Sessions whose change reached Redis but not the legacy store, as recorded in Redis. */
  readonly unmirrored: number;
}

/**
 * The steps of a move, as the command `holdfast migrate` takes them: for an app that moves its sessions by itself.
 *
 * @example
 * const move = new Move(new MoveControl(client));
 * await move.start();
 * await move.turn(10); // a tenth of the sessions are at home in Redis
 */
export class Move {
  readonly #control: MoveControl;
  readonly #silentAfter: number;

  /** @param options.silence seconds without a report after which a process is considered gone; default 10 */
  constructor(control: MoveControl, options: { silence?: number | undefined } = {}) {
    this.#control = control;
    this.#silentAfter = options.silence ?? silentAfter;
  }

  /**
   * The state of the move, and the processes that follow it.
   *
   * @example
   * const { phase, dial, processes, pending } = await move.status();
   */
  async status(): Promise<MoveStatus> {
    const [record, processes, unmirrored] = await Promise.all([
      this.#control.read(),
      this.#control.processes(),
      this.#control.countUnmirrored(),
    ]);
    return { ...record, processes, unmirrored, pending: processes.reduce((sum, { pending }) => sum + pending, 0) };
  }

  /**
   * From now on, both stores are written. The home of every session is still the legacy store.
   *
   * @example
   * await move.start({ onWait: (what) => console.log("Waiting for", what) });
   */
  async start(options: StartOptions = {}): Promise<void> {
    const record = await this.#control.read();
    const active = await this.#dropSilent();
    mustBePossible("start", record, { withoutApp: options.withoutApp, isFollowed: active.length > 0 });
    const { phase, now } = record;
    await this.#control.clearTraces();
    const store = storeOf(active);
    await this.#change(
      { phase },
      {
        phase: "moving",
        dial: 0,
        startedAt: now,
        doubt: "",
        complete: "",
        returning: "",
        verified: "",
        store: store ? JSON.stringify(store) : "",
      },
    );
    await this.#untilFollowed(options);
  }

  /**
   * Turns the dial, step by step; each begins once all processes follow the one before and no mirror lags behind. For
   * the sessions whose home will change, every process
   *
   * 1. treats a copy that fails as a failure of the request
   * 2. writes Redis first
   * 3. reads the new home
   * 4. writes the new home first
   *
   * So the stores are equal while some processes read or write one first and some the other.
   *
   * @example
   * await move.turn(50); // half of the sessions
   */
  async turn(target: number, options: StepOptions = {}): Promise<void> {
    if (!Number.isInteger(target) || target < 0 || target > 100) {
      throw setupInvalid("The dial must be a whole number from 0 to 100, as in: holdfast migrate set 50");
    }
    const record = await this.#control.read();
    mustBePossible("set", record, { target, acceptLoss: options.acceptLoss, isPart: options.isPart });
    const { phase, dial, other } = record;
    if (other === undefined && dial === target) return;
    if (record.isReturning && !options.isPart) await this.#change({ phase, dial, other }, { returning: "" });
    try {
      await this.#turn({ phase, dial, other }, target, options);
    } finally {
      await this.leaveTurn();
    }
  }

  /** Releases the dial, so that another command can turn it at once. @example await move.leaveTurn(); */
  async leaveTurn(): Promise<void> {
    await this.#control.noteTurning(undefined).catch(() => {}); // if this fails, the next command waits a moment
  }

  async #turn(
    { phase, dial, other }: Pick<MoveRecord, "phase" | "dial" | "other">,
    target: number,
    options: StepOptions,
  ): Promise<void> {
    // After an interrupted turn, some sessions are still written to both stores, and stay so until this turn is done.
    await this.#untilMirrored(options);
    if (other === undefined) await this.#change({ phase, dial, other }, { other: target, copying: 1 });
    await this.#untilEqual(options);
    if (dial !== target) {
      const between = { phase, dial, other: other ?? target };
      await this.#change(between, { copying: "" });
      await this.#untilEqual(options);
      await this.#change(between, { dial: target, other: dial });
      await this.#untilEqual(options);
    }
    await this.#change({ phase, dial: target }, { copying: 1 });
    await this.#untilEqual(options);
    await this.#change({ phase, dial: target }, { other: "", copying: "" });
    await this.#untilFollowed(options);
  }

  /**
   * From now on, the legacy store is neither read nor written.
   *
   * @example
   * await move.turn(100);
   * await move.finish();
   */
  async finish(options: StepOptions = {}): Promise<void> {
    const record = await this.#control.read();
    mustBePossible("finish", record, { acceptLoss: options.acceptLoss });
    const { phase, dial, other } = record;
    if (phase === "finished") return;
    await this.#untilMirrored(options);
    await this.#change({ phase, dial, other }, { phase: "finished", complete: 1, returning: "" });
    await this.#untilFollowed(options);
  }

  /** Begins a rollback. After `finish`, the legacy store is written again. @example await move.reopen(); */
  async reopen(options: StepOptions = {}): Promise<void> {
    const { phase, isReturning } = await this.#control.read();
    if (phase === "finished") await this.#change({ phase }, { phase: "moving", dial: 100, verified: "", returning: 1 });
    else if (phase === "moving" && !isReturning) await this.#change({ phase, isReturning }, { returning: 1 });
    await this.#untilFollowed(options);
  }

  /** With the dial at 0: from now on, Redis is not written. @example await move.stop(); */
  async stop(options: StepOptions = {}): Promise<void> {
    const { phase, dial, other } = await this.#control.read();
    if (dial !== 0 || other !== undefined)
      throw refused(`The dial is at ${dial}.`, "Run `holdfast migrate set 0` first.");
    const nothing = { startedAt: "", verified: "", doubt: "", complete: "", returning: "", store: "" };
    await this.#change({ phase, dial, other }, { phase: "off", ...nothing });
    await this.#untilFollowed(options);
    await this.#control.clearTraces();
  }

  /**
   * Notes that both stores are equal. False if the state has changed since `version`, so that this may be wrong.
   *
   * @example
   * const { version } = await control.read();
   * const { differing, onlyLegacy, onlyRedis } = await verify({ source, redis, control });
   * if (differing + onlyLegacy + onlyRedis === 0) await move.noteVerified(version);
   */
  async noteVerified(version: number): Promise<boolean> {
    return this.#control.change(version, { verified: version + 1, doubt: "" });
  }

  /** Changes the state, if it is still the one that this step was checked against. */
  async #change(checked: Partial<Checked>, fields: Record<string, string | number>): Promise<void> {
    const now = await this.#control.read();
    const isSame = checkable.every((name) => !(name in checked) || now[name] === checked[name]);
    if (isSame && (await this.#control.change(now.version, fields))) return;
    throw refused("Another command changed the move meanwhile.", "See `holdfast migrate status`, then try again.");
  }

  async #untilEqual(options: StepOptions): Promise<void> {
    await this.#untilFollowed(options);
    await this.#untilMirrored(options);
  }

  /** Waits until every process follows the newest version. */
  async #untilFollowed({ onWait }: StepOptions): Promise<void> {
    const { version } = await this.#control.read();
    await this.#until(onWait, async (active) => {
      const behind = active.filter((process) => process.version < version);
      return behind.length === 0 ? undefined : `${countOf(behind.length, "process", "processes")} to follow`;
    });
  }

  /** Waits until no process has changes that its mirror lacks. */
  async #untilMirrored({ acceptLoss, leaveBehind, onWait, onLeft }: StepOptions): Promise<void> {
    if (acceptLoss) {
      const stuck = stuckIn(await this.#dropSilent());
      return stuck.length > 0 ? onLeft?.(stuck) : undefined;
    }
    await this.#until(onWait, async (active) => {
      const { doubt } = await this.#control.read(); // after the list was read: a process that was dropped left a doubt
      if (doubt !== undefined) throw refusal(doubtful(doubt));
      const stuck = stuckIn(active);
      if (active.some(({ overflowed }) => overflowed))
        throw refusal(doubtful("A process has missed more changes than it can remember."));
      const pending = active.reduce((sum, process) => sum + process.pending, 0);
      const isOnlyStuck = active.every((process) => process.pending <= (process.stuck?.length ?? 0));
      if (stuck.length > 0 && isOnlyStuck) {
        if (leaveBehind) return void onLeft?.(stuck);
        throw refused(
          `The other store rejects ${countOf(stuck.length, "session", "sessions")}: ${stuck.join(", ")} (short ` +
            "hashes).",
          "End these sessions, or leave them behind with --leave-behind.",
        );
      }
      return pending === 0 ? undefined : `${countOf(pending, "change", "changes")} to reach the other store`;
    });
  }

  /** Removes the silent processes from the list, each of which leaves a doubt. Returns the others. */
  async #dropSilent(): Promise<KnownProcess[]> {
    const processes = await this.#control.processes();
    await dropSilent(this.#control, processes, this.#silentAfter);
    return activeIn(processes, this.#silentAfter);
  }

  /** @param awaited what is still to come, according to the active processes; undefined ends the wait */
  async #until(
    onWait: StepOptions["onWait"],
    awaited: (active: readonly KnownProcess[]) => Promise<string | undefined>,
  ): Promise<void> {
    const deadline = Date.now() + stepTimeout;
    let notedAt = -Infinity;
    for (;;) {
      const { now, other } = await this.#control.read();
      if (other !== undefined && now - notedAt >= 1000) await this.#control.noteTurning((notedAt = now));
      const what = await awaited(await this.#dropSilent());
      if (what === undefined) return;
      if (Date.now() > deadline)
        throw refused(
          `Waited ${stepTimeout / 1000} s for ${what}.`,
          "See `holdfast migrate status`, then try again; nothing is lost.",
        );
      onWait?.(what);
      await delay(pollInterval);
    }
  }
}

/** The app's description of its Redis store; all processes of one deployment give the same. */
export function storeOf(processes: readonly KnownProcess[]): StoreFacts | undefined {
  return processes.find(({ store }) => store)?.store;
}

function stuckIn(processes: readonly KnownProcess[]): string[] {
  return [...new Set(processes.flatMap(({ stuck = [] }) => stuck))];
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function refused(what: string, remedy: string): HoldfastError {
  return refusal(`${what} ${remedy}`);
}
