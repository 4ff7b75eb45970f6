/** The move's steps: begin, turn the dial, finish. Each is safe against whatever the processes do meanwhile. */
import { setTimeout as delay } from "node:timers/promises";
import { codes, HoldfastError } from "../errors/index.js";
import { doubtful, mustBePossible, refusal } from "./obstacles.js";
import { silence, type KnownProcess, type MoveControl, type MoveRecord } from "./control.js";

/** Milliseconds between two looks at the processes. */
const look = 100;
/** Milliseconds that a step waits for the processes at most. */
const patience = 60_000;

export interface StepOptions {
  /** Goes on although changes may be lost. */
  force?: boolean | undefined;
  /** Told now and then what is being waited for. */
  onWait?: ((what: string) => void) | undefined;
}

export interface MoveStatus extends MoveRecord {
  readonly processes: readonly KnownProcess[];
  /** Changes that a mirror does not have yet, in all processes. */
  readonly pending: number;
  /** Of those at home in Redis, as Redis remembers them. */
  readonly unmirrored: number;
}

export class Move {
  readonly #control: MoveControl;
  readonly #silence: number;

  /** @param options.silence seconds without a word after which a process counts as gone */
  constructor(control: MoveControl, options: { silence?: number } = {}) {
    this.#control = control;
    this.#silence = options.silence ?? silence;
  }

  async status(): Promise<MoveStatus> {
    const [record, processes, unmirrored] = await Promise.all([
      this.#control.read(),
      this.#control.processes(),
      this.#control.countUnmirrored(),
    ]);
    return { ...record, processes, unmirrored, pending: processes.reduce((sum, { pending }) => sum + pending, 0) };
  }

  /** From now on both stores are written; all sessions are at home in the legacy store. */
  async start(options: StepOptions = {}): Promise<void> {
    const record = await this.#control.read();
    const isFollowed = (await this.#living()).length > 0;
    mustBePossible("start", record, { force: options.force, isFollowed });
    const { phase, now } = record;
    await this.#control.clearTraces();
    await this.#change({ phase }, { phase: "moving", dial: 0, startedAt: now, doubt: "" });
    await this.#untilFollowed(options);
  }

  /**
   * Turns the dial, in two steps. First every process writes the sessions that will change their home in both stores, and
   * counts a failure in either as a failure; when all do, and no mirror lags behind, the home changes. So the two stores
   * are equal for these sessions while some processes look here and some there.
   */
  async turn(target: number, options: StepOptions = {}): Promise<void> {
    if (!Number.isInteger(target) || target < 0 || target > 100) {
      throw new HoldfastError(
        codes.OPTION_INVALID,
        "The dial goes from 0 to 100, in whole numbers: holdfast migrate set 50",
      );
    }
    const record = await this.#control.read();
    mustBePossible("set", record, { target, force: options.force });
    const { phase, dial, other } = record;
    if (other === undefined && dial === target) return;
    // A turn that was broken off left sessions that are written in both stores: they stay so until this one is through.
    await this.#untilMirrored(options);
    if (other === undefined) await this.#change({ phase, dial, other }, { other: target });
    await this.#untilFollowed(options);
    await this.#untilMirrored(options);
    if (dial !== target) await this.#change({ phase, dial, other: other ?? target }, { dial: target, other: dial });
    await this.#untilFollowed(options);
    await this.#untilMirrored(options);
    await this.#change({ phase, dial: target }, { other: "" });
    await this.#untilFollowed(options);
  }

  /** The legacy store is not asked any more. */
  async finish(options: StepOptions = {}): Promise<void> {
    const record = await this.#control.read();
    mustBePossible("finish", record, { force: options.force });
    const { phase, dial, other } = record;
    if (phase === "finished") return;
    await this.#untilMirrored(options);
    await this.#change({ phase, dial, other }, { phase: "finished", complete: 1 });
    await this.#untilFollowed(options);
  }

  /** After `finish`: the legacy store is written again. */
  async reopen(options: StepOptions = {}): Promise<void> {
    const { phase } = await this.#control.read();
    if (phase !== "finished") return;
    await this.#change({ phase }, { phase: "moving", dial: 100, verified: "" });
    await this.#untilFollowed(options);
  }

  /** With the dial at 0: Redis is not written any more. */
  async stop(options: StepOptions = {}): Promise<void> {
    const { phase, dial, other } = await this.#control.read();
    if (dial !== 0 || other !== undefined)
      throw refused(`The dial stands at ${dial}.`, "Run `holdfast migrate set 0` first.");
    await this.#change({ phase, dial, other }, { phase: "off", startedAt: "", verified: "", doubt: "", complete: "" });
    await this.#untilFollowed(options);
    await this.#control.clearTraces();
  }

  /** Notes that both stores hold the same. False: something happened since `version`, so that this may be wrong. */
  async noteVerified(version: number): Promise<boolean> {
    return this.#control.change(version, { verified: version + 1, doubt: "" });
  }

  /** Changes the state, if it still is what this step counts on. */
  async #change(expected: Partial<MoveRecord>, fields: Record<string, string | number>): Promise<void> {
    const now = await this.#control.read();
    const names = Object.keys(expected) as (keyof MoveRecord)[];
    if (names.every((name) => now[name] === expected[name]) && (await this.#control.change(now.version, fields)))
      return;
    throw refused("Somebody else changes the move at the same time.", "See `holdfast migrate status`, then try again.");
  }

  /** Until no process works under an older version. */
  async #untilFollowed({ onWait }: StepOptions): Promise<void> {
    const { version } = await this.#control.read();
    await this.#until(onWait, async () => {
      const behind = (await this.#living()).filter((process) => process.version < version);
      return behind.length === 0 ? undefined : `${countOf(behind.length, "process", "processes")} to follow`;
    });
  }

  /** Until no process has changes that its mirror lacks. */
  async #untilMirrored({ force, onWait }: StepOptions): Promise<void> {
    if (force) return;
    await this.#until(onWait, async () => {
      const { doubt } = await this.#control.read();
      const living = await this.#living();
      if (doubt !== undefined) throw refusal(doubtful(doubt));
      if (living.some(({ overflowed }) => overflowed))
        throw refusal(doubtful("A process has missed more changes than it can remember."));
      const pending = living.reduce((sum, process) => sum + process.pending, 0);
      return pending === 0 ? undefined : `${countOf(pending, "change", "changes")} to reach the other store`;
    });
  }

  /** The processes that are heard. One that has fallen silent is taken off the list, and leaves a doubt. */
  async #living(): Promise<KnownProcess[]> {
    const processes = await this.#control.processes();
    for (const process of processes.filter(({ silentFor }) => silentFor >= this.#silence)) {
      await this.#control.forget(process, `Process ${process.pid} on ${process.host} ended without a word.`);
    }
    return processes.filter(({ silentFor }) => silentFor < this.#silence);
  }

  async #until(onWait: StepOptions["onWait"], whatIsLeft: () => Promise<string | undefined>): Promise<void> {
    const deadline = Date.now() + patience;
    for (;;) {
      const left = await whatIsLeft();
      if (left === undefined) return;
      if (Date.now() > deadline)
        throw refused(
          `Waited ${patience / 1000} s for ${left}.`,
          "See `holdfast migrate status`, then try again; nothing is lost.",
        );
      onWait?.(left);
      await delay(look);
    }
  }
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function refused(what: string, remedy: string): HoldfastError {
  return refusal(`${what} ${remedy}`);
}
