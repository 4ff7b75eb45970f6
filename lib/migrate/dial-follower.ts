/** Follows the dial: reads the move's state twice a second, and says what this process does meanwhile. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { describeCommandFailure } from "../redis/index.js";
import type { MoveControl } from "./control.js";
import { notBegun, type MoveState } from "./dial.js";

/** Milliseconds between two looks, and while the dial is being turned. */
const interval = 500;
const shortInterval = 100;
/** Milliseconds after which what is known of the dial is too old to act on without asking again. */
const tooOld = 4000;
/** Milliseconds to wait for a newer state before acting on the last one; once in an outage, not at each operation. */
const patience = 300;
/** Milliseconds until a change of the dial is confirmed: whoever turns it waits for that. */
const confirmation = 20;

export interface FollowerParts {
  readonly control: MoveControl;
  readonly id: string;
  /** Changes that the mirror does not have yet. */
  readonly pending: () => { count: number; overflowed: boolean };
  /** Told of each newer state. */
  readonly onChange: (state: MoveState, before: MoveState) => void;
}

export class DialFollower {
  readonly #parts: FollowerParts;
  /** Operations under way, by the version that they began under. */
  readonly #underWay = new Map<number, number>();
  #state: MoveState = notBegun;
  /** When the newest state was asked for. */
  #readAt = -Infinity;
  #askedAt = -Infinity;
  #reading: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;
  /** When the timer came last: whether this process stood still. */
  #tickedAt = performance.now();
  /** In an outage, or after this process stood still: until when operations wait for a newer state. */
  #waitUntil: number | undefined;
  #isClosed = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), shortInterval).unref();
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

  /**
   * Without knowing where the dial stands, no store can be asked; once it was known, the last state is good enough when
   * Redis does not answer.
   */
  async #freshly(): Promise<void> {
    if (!this.isKnown) {
      return this.#read().catch((error: unknown) => {
        throw describeCommandFailure(error, "read");
      });
    }
    const begin = performance.now();
    if (begin - this.#tickedAt > tooOld) this.#waitUntil = undefined;
    this.#tickedAt = begin;
    const until = (this.#waitUntil ??= begin + patience);
    for (let now = begin; now < until && now - this.#readAt > tooOld; now = performance.now()) {
      const isUp = await Promise.race([
        this.#read().then(
          () => true,
          () => false,
        ),
        delay(until - now, true),
      ]);
      if (!isUp) return;
    }
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#tickedAt > tooOld) this.#waitUntil = undefined;
    this.#tickedAt = now;
    const due = this.#state.other === undefined ? interval : shortInterval;
    if (now - this.#askedAt >= due - shortInterval / 2) void this.#read().catch(() => {});
  }

  #read(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#reading ??= this.#ask().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #ask(): Promise<void> {
    const { control, id, onChange, pending } = this.#parts;
    const { count, overflowed } = pending();
    const before = this.#state;
    const version = Math.min(before.version, ...this.#underWay.keys());
    const report = { host: hostname(), pid: process.pid, version, pending: count, overflowed };
    const askedAt = (this.#askedAt = performance.now());
    const state = await control.report(id, report);
    if (this.#isClosed) return;
    this.#readAt = askedAt;
    this.#waitUntil = undefined;
    // Versions only grow, but for a move that was erased and begun anew.
    this.#state = state;
    const isNew = state.version !== before.version;
    if (isNew) onChange(state, before);
    if (!isNew && version === state.version) return;
    setTimeout(() => void this.#read().catch(() => {}), isNew ? confirmation : 5 * confirmation).unref();
  }
}
