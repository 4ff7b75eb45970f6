/** Follows the dial: twice a second, reads the state of the move and reports what this process does. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { codes, warnOnce, within } from "../../errors/index.js";
import { describeCommandFailure } from "../../redis/index.js";
import type { MoveControl } from "../state/control.js";
import { notBegun, type MoveState } from "../state/dial.js";
import type { ProcessReport } from "../state/move-record.js";
import type { Witness } from "./witness.js";

/** Milliseconds between two exchanges with Redis, normally and while the dial is being turned. */
const interval = 500;
const shortInterval = 100;
/** Milliseconds after which the known state is too old to act on without asking again. */
const staleAfter = 4000;
/** Milliseconds to wait for a newer state before acting on the last one; once per outage, not per operation. */
const refreshTimeout = 300;
/** Milliseconds that a process without any state waits for Redis before it asks the legacy store. */
const firstReadTimeout = 1000;
/** Milliseconds for which it relies on that answer. After a move has begun, the dial is not turned sooner. */
const trustOffFor = 2000;
/** Milliseconds until this process confirms a new state: the command that turns the dial waits for that. */
const confirmDelay = 20;

export interface FollowerParts {
  readonly control: MoveControl;
  readonly id: string;
  /** The rest of this process's report. */
  readonly about: () => Pick<ProcessReport, "pending" | "overflowed" | "stuck" | "store">;
  readonly witness: Witness;
  /** Called with each newer state. */
  readonly onChange: (state: MoveState, before: MoveState) => void;
}

export class DialFollower {
  readonly #parts: FollowerParts;
  /** Running operations, counted by the version under which they began. */
  readonly #running = new Map<number, number>();
  #state: MoveState = notBegun;
  /** When the newest known state was requested. */
  #readAt = -Infinity;
  #askedAt = -Infinity;
  #reading: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;
  /** When the timer last fired; a gap means that this process was paused. */
  #tickedAt = performance.now();
  /** Until when operations wait for a newer state, in an outage or after this process was paused. */
  #waitUntil: number | undefined;
  /** Until when the phase `off` is assumed, because Redis cannot be asked and the legacy store has no marker. */
  #assumeOffUntil = -Infinity;
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

  /** Whether Redis has returned the state at least once. */
  get isKnown(): boolean {
    return this.#readAt > -Infinity;
  }

  /**
   * Runs one operation on a session under the current state. A command that turns the dial waits until no process is
   * still running an operation that began under the previous one.
   */
  async run<T>(work: (state: MoveState) => Promise<T>): Promise<T> {
    // A paused process may have missed a turn. While Redis does not answer, no command can turn the dial.
    if (performance.now() - this.#readAt > staleAfter) await this.#refresh();
    const state = this.#state;
    const { version } = state;
    this.#running.set(version, (this.#running.get(version) ?? 0) + 1);
    try {
      return await work(state);
    } finally {
      const others = this.#running.get(version)! - 1;
      if (others === 0) this.#running.delete(version);
      else this.#running.set(version, others);
    }
  }

  /** Stops following, and removes this process from the list if nothing is pending. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#reading?.catch(() => {});
    const { pending, overflowed } = this.#parts.about();
    if (pending === 0 && !overflowed) await this.#parts.control.sayGoodbye(this.#parts.id).catch(() => {});
  }

  /**
   * A process that never knew the dial cannot tell which store to ask. Later, if Redis does not answer, the last known
   * state is good enough.
   */
  async #refresh(): Promise<void> {
    if (!this.isKnown) return this.#readFirst();
    const begin = performance.now();
    if (begin - this.#tickedAt > staleAfter) this.#waitUntil = undefined;
    this.#tickedAt = begin;
    const until = (this.#waitUntil ??= begin + refreshTimeout);
    for (let now = begin; now < until && now - this.#readAt > staleAfter; now = performance.now()) {
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

  /**
   * When a move begins, a marker is written to the legacy store before anything else. So without a marker, no move has
   * begun, and an app that is deployed before the move does not depend on Redis yet.
   */
  async #readFirst(): Promise<void> {
    if (performance.now() < this.#assumeOffUntil) return;
    try {
      await within(this.#read(), firstReadTimeout);
    } catch (error) {
      const phase = await this.#parts.witness.recall().catch(() => undefined);
      if (phase !== "off") throw describeCommandFailure(error, "read");
      this.#assumeOffUntil = performance.now() + trustOffFor;
      warnOnce(
        codes.MOVE_UNKNOWN,
        "The state of the move could not be read from Redis. The legacy store has no marker of a move, so it is used " +
          "alone. Check that Redis is running and that its user has the rights listed in docs/migration.md.",
      );
    }
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#tickedAt > staleAfter) this.#waitUntil = undefined;
    this.#tickedAt = now;
    const due = this.#state.other === undefined ? interval : shortInterval;
    if (now - this.#askedAt >= due - shortInterval / 2) void this.#read().catch(() => {});
  }

  #read(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#reading ??= this.#exchange().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Reports to Redis, and takes over the state that it returns. */
  async #exchange(): Promise<void> {
    const { control, id, onChange, about, witness } = this.#parts;
    const before = this.#state;
    const version = Math.min(before.version, ...this.#running.keys());
    const { answer } = witness;
    const report = { host: hostname(), pid: process.pid, version, ...about(), ...(answer && { answer }) };
    const askedAt = (this.#askedAt = performance.now());
    const { state: told, ask } = await control.report(id, report);
    const state = told.version > 0 ? told : await this.#restoreIfLost(told);
    if (this.#isClosed) return;
    this.#readAt = askedAt;
    this.#waitUntil = undefined;
    // Versions only grow, but for a move that was erased and begun anew.
    this.#state = state;
    const isNew = state.version !== before.version;
    if (isNew) onChange(state, before);
    if (ask && ask.id !== answer?.ask) void witness.hear(ask, state.phase).then(() => this.#read().catch(() => {}));
    if (!isNew && version === state.version) return;
    setTimeout(() => void this.#read().catch(() => {}), isNew ? confirmDelay : 5 * confirmDelay).unref();
  }

  /**
   * Redis has no state of a move. A process that knows it, or whose legacy store says that the move was finished, does
   * not go back by itself: in the old table, visitors who have logged out since are still logged in.
   */
  async #restoreIfLost(told: MoveState): Promise<MoveState> {
    const before = this.#state;
    const known = before.version > 0 ? before : this.isKnown ? told : await this.#recall(told);
    if (known.phase === "off") return told;
    warnOnce(
      codes.MOVE_STATE_LOST,
      `Redis has lost the state of the move. This process continues as before (${known.phase}, dial ${known.dial}) ` +
        "and restores it. Run `holdfast migrate status`, and make sure that Redis does not evict or lose keys.",
    );
    await this.#parts.control.restore(known).catch(() => {}); // if this fails, the next exchange tries again
    return known;
  }

  async #recall(told: MoveState): Promise<MoveState> {
    if ((await this.#parts.witness.recall()) !== "finished") return told;
    return { ...told, phase: "finished", dial: 100, isComplete: true, version: 1 };
  }
}
