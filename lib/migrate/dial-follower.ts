/** Follows the dial: reads the move's state twice a second, and says what this process does meanwhile. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { MoveControl } from "./control.js";
import { notBegun, type MoveState } from "./dial.js";

/** Milliseconds between two looks. */
const interval = 500;
/** Milliseconds after which what is known of the dial is too old to act on without asking again. */
const tooOld = 4000;
/** Milliseconds to wait for a newer state before acting on the last one. */
const patience = 300;

export interface FollowerParts {
  readonly control: MoveControl;
  readonly id: string;
  /** Changes that the mirror does not have yet. */
  readonly pending: () => { count: number; overflowed: boolean };
}

export class DialFollower {
  readonly #parts: FollowerParts;
  /** Operations under way, by the version that they began under. */
  readonly #underWay = new Map<number, number>();
  #state: MoveState = notBegun;
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#read().catch(() => {}), interval).unref();
    void this.#read().catch(() => {});
  }

  /** The newest known state. */
  get state(): MoveState {
    return this.#state;
  }

  /** Whether Redis has told the state at least once. */
  get isKnown(): boolean {
    return this.#readAt > -Infinity;
  }

  /**
   * Runs one operation on a session under the state of now. Whoever turns the dial waits until no process has one under
   * way that began before.
   */
  async run<T>(work: (state: MoveState) => Promise<T>): Promise<T> {
    // A process that stood still may have missed a turn. If Redis does not answer, nobody can have turned the dial.
    if (performance.now() - this.#readAt > tooOld) await this.#freshly();
    const state = this.#state;
    const { version } = state;
    this.#underWay.set(version, (this.#underWay.get(version) ?? 0) + 1);
    try {
      return await work(state);
    } finally {
      const left = this.#underWay.get(version)! - 1;
      if (left === 0) this.#underWay.delete(version);
      else this.#underWay.set(version, left);
    }
  }

  /** Stops to follow; says goodbye if nothing is pending. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#reading?.catch(() => {});
    const { count, overflowed } = this.#parts.pending();
    if (count === 0 && !overflowed) await this.#parts.control.sayGoodbye(this.#parts.id).catch(() => {});
  }

  /** Without knowing where the dial stands, no store can be asked; once it was known, the last state is good enough. */
  async #freshly(): Promise<void> {
    const read = this.#read();
    if (!this.isKnown) return read;
    await Promise.race([read, delay(patience)]).catch(() => {});
  }

  #read(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#reading ??= this.#ask().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #ask(): Promise<void> {
    const { control, id, pending } = this.#parts;
    const { count, overflowed } = pending();
    const version = Math.min(this.#state.version, ...this.#underWay.keys());
    const report = { host: hostname(), pid: process.pid, version, pending: count, overflowed };
    const state = await control.report(id, report);
    if (this.#isClosed) return;
    this.#readAt = performance.now();
    // Versions only grow, but for a move that was erased and begun anew.
    this.#state = state;
  }
}
