/**
 * Copies each change to the second of the two stores during a move. A copy that fails is remembered and retried, and no
 * request waits for a slow mirror. Only while a session's home is changing is a failed copy a failure of the request.
 */
import { within } from "../../errors/index.js";
import { MirrorSignal, signals } from "../../signals/index.js";
import type { MoveControl } from "../state/control.js";
import type { Copies } from "./copies.js";
import { placementOf, type Home, type MoveState, type Placement } from "../state/dial.js";
import { Pending, type Missed } from "./pending.js";
import { SessionQueue } from "./session-queue.js";
import { unmirrored } from "./two-stores.js";

/** Milliseconds that a request waits for the mirror. */
export const mirrorTimeout = 500;

export interface MirrorParts {
  /** The store whose signals these are. */
  readonly store: object;
  readonly control: MoveControl;
  readonly copies: Copies;
  /** Runs work under the current state. */
  readonly run: <T>(work: (state: MoveState) => Promise<T>) => Promise<T>;
  /** Each rejects while that store is down. */
  readonly probes: Record<Home, () => Promise<unknown>>;
}

export class Mirror {
  readonly #parts: MirrorParts;
  readonly #missedBy: Record<Home, Pending>;
  readonly #queue = new SessionQueue();

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    const pending = (store: Home) =>
      new Pending((sid, missed) => parts.run((state) => this.#catchUp(sid, missed, store, state)), parts.probes[store]);
    this.#missedBy = { legacy: pending("legacy"), redis: pending("redis") };
  }

  get all(): readonly Pending[] {
    return [this.#missedBy.legacy, this.#missedBy.redis];
  }

  /** The changes that this store has missed. */
  missedBy(store: Home): Pending {
    return this.#missedBy[store];
  }

  /** A failed write to the primary store may have happened anyway, so the mirror counts as having missed it. */
  async missIfFailed<T>(sid: string, { mirror }: Placement, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (mirror) this.#missedBy[mirror].add(sid, "changed");
      throw error;
    }
  }

  /** Writes the copy; returns the result, or undefined if it was not awaited. */
  async write<T>(
    sid: string,
    { mustCopy, mirror }: Placement,
    what: Missed["what"],
    write: () => Promise<T>,
  ): Promise<T | undefined> {
    if (!mirror) return undefined;
    const pending = this.#missedBy[mirror];
    if (pending.isSlow && !mustCopy) {
      await this.#remember(sid, mirror, what);
      this.#tell(sid, mirror, false);
      // A logout does not wait either, but its tombstone shall not be later than Redis: overlapping requests ask for it.
      if (what === "destroyed" && mirror === "redis") this.#queue.run(sid, write).catch(() => {});
      return undefined;
    }
    const missed = pending.of(sid);
    const written = this.#queue.run(sid, write).then(async (result) => {
      await this.#settle(sid, mirror, missed);
      return result;
    });
    try {
      const result = await (mustCopy ? written : within(written, mirrorTimeout, () => pending.noteSlow()));
      this.#tell(sid, mirror, true);
      return result;
    } catch (error) {
      await this.#remember(sid, mirror, what);
      this.#tell(sid, mirror, false);
      if (mustCopy) throw unmirrored(error);
      return undefined;
    }
  }

  /** Whether a change of this session is known to be in Redis but not in the legacy store. */
  async isUnmirrored(sid: string): Promise<boolean> {
    return this.#missedBy.legacy.of(sid)?.what === "changed" || this.#parts.control.isUnmirrored(sid);
  }

  /** Marks the copy as possibly outdated. */
  distrust(sid: string, store: Home): void {
    this.#missedBy[store].add(sid, "changed");
  }

  /** Called after a comparison found that both stores are equal. */
  forgetOverflow(): void {
    for (const missed of this.all) missed.forgetOverflow();
  }

  async settled(): Promise<void> {
    await this.#queue.settled();
  }

  /** Tries once more what is missing, for as long as a request would wait. */
  async flush(): Promise<void> {
    await within(Promise.all(this.all.map((missed) => missed.flush())), mirrorTimeout).catch(() => {});
  }

  close(): void {
    for (const missed of this.all) missed.close();
  }

  #tell(sid: string, to: Home, isCopied: boolean): void {
    const { mirrored } = signals.move;
    if (mirrored.isHeard) mirrored.send(new MirrorSignal(this.#parts.store, sid, to, isCopied));
  }

  async #remember(sid: string, mirror: Home, what: Missed["what"]): Promise<void> {
    this.#missedBy[mirror].add(sid, what);
    // Also recorded in Redis, in case this process ends before it is copied.
    if (mirror === "legacy")
      await within(this.#parts.control.noteUnmirrored(sid), mirrorTimeout).catch(() => undefined);
  }

  async #settle(sid: string, mirror: Home, missed: Missed | undefined): Promise<void> {
    this.#missedBy[mirror].noteAnswer();
    if (!missed) return;
    if (mirror === "legacy") await this.#parts.control.clearUnmirrored(sid);
    this.#missedBy[mirror].settle(sid, missed);
  }

  /** Updates the copy from the home. */
  async #catchUp(sid: string, missed: Missed, store: Home, state: MoveState): Promise<void> {
    const { copies } = this.#parts;
    const place = placementOf(sid, state);
    if (!place.mirror) return this.#missedBy[store].settle(sid, missed); // by now, only one store is used
    await this.#queue.run(sid, async () => {
      if (missed.what === "destroyed") return copies.destroy(sid);
      const lacking = await this.#lacking(sid, store, place);
      return lacking === "legacy" ? copies.toLegacy(sid) : copies.toRedis(sid);
    });
    await this.#settle(sid, store, missed);
  }

  /** The store whose copy is outdated. */
  async #lacking(sid: string, store: Home, { home, isTurning }: Placement): Promise<Home> {
    // Redis is written first. What it lacks was not confirmed, and must not overwrite what was merged there since.
    if (isTurning) return (await this.#parts.copies.isInRedis(sid)) ? "legacy" : store;
    if (home === "redis") return "legacy";
    // The dial was forced back before the change reached the legacy store. Redis has it, merged with later changes.
    if (!(await this.isUnmirrored(sid))) return "redis";
    const isNewer = this.#missedBy.redis.of(sid) !== undefined && (await this.#parts.copies.isInLegacy(sid));
    return isNewer ? "redis" : "legacy";
  }
}
