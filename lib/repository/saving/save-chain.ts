/**
 * The saves of one session under way in this process. They do not race each other: one write is sent at a time,
 * it carries all saves that arrived meanwhile, and the next one starts from what it wrote. So only other processes can
 * force a retry, and a waiting save waits for one command.
 */
import { codes, HoldfastError, sessionLabel } from "../../errors/index.js";
import { sizeOf } from "./last-written.js";
import type { RedisHandle } from "../redis-handle.js";
import type { CommitOutcome } from "../session-repository.js";
import type { Change, Snapshot, Stored } from "../../session/index.js";

/** One call of `commit`. */
export class Save {
  readonly handle: RedisHandle;
  readonly data: object;
  readonly snapshot: Snapshot;
  /** Made when its turn comes, because an earlier save of the same handle moves the base. */
  change: Change | undefined;
  attempts = 0;
  /** How many of them were merged with what others had saved meanwhile. */
  merges = 0;
  /** When it was first tried, in milliseconds. */
  since = 0;
  #outcome: CommitOutcome | undefined;
  #error: unknown;
  #isSettled = false;
  #wake: (() => void) | undefined;

  constructor(handle: RedisHandle, data: object, snapshot: Snapshot) {
    this.handle = handle;
    this.data = data;
    this.snapshot = snapshot;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  settle(outcome: CommitOutcome | undefined, error?: unknown): void {
    if (outcome !== undefined) this.handle.outcome = outcome;
    this.#outcome = outcome;
    this.#error = error;
    this.#isSettled = true;
    this.#wake?.();
  }

  /** @throws the error that it failed with */
  result(): CommitOutcome {
    if (this.#outcome === undefined) throw this.#error;
    return this.#outcome;
  }

  /** For a save that is written along with others. */
  async settled(): Promise<CommitOutcome> {
    if (!this.#isSettled) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.result();
  }
}

/** The most saves that may wait at a time; a client that sends more requests for one visitor is out of control. */
const mostWaiting = 1000;
/** The most saves in one write, and the most characters to merge, so that merging does not block the event loop. */
const mostTogether = 100;
const mostCharacters = 250_000;

export class SaveChain {
  readonly #saves = new Set<Save>();
  #timer: NodeJS.Timeout | undefined;
  /** When the current write began, in milliseconds. */
  #beganAt = 0;
  /** What the last write of this chain stored or found. */
  stored: Stored | undefined;
  /** How often Redis reported that the session had moved when it had not. */
  unmoved = 0;

  get isEmpty(): boolean {
    return this.#saves.size === 0;
  }

  /** @throws HoldfastError `SESSION_CONTENDED` when too many wait */
  add(save: Save): void {
    if (this.#saves.size >= mostWaiting) throw tooManyWait(save.snapshot.sid);
    this.#saves.add(save);
  }

  /** Begins the next write and returns the save whose turn it is. */
  begin(): Save {
    this.#beganAt = performance.now();
    for (const save of this.#saves) return save;
    throw new Error("there is none");
  }

  /** That save, and the following ones that fit into one write. */
  *together(): Generator<Save> {
    const handles = new Set<RedisHandle>();
    let characters = 0;
    for (const save of this.#saves) {
      if (handles.has(save.handle)) return; // it starts from what the save before it wrote
      characters += sizeOf(save.snapshot.whole);
      if (handles.size > 0 && (handles.size === mostTogether || characters > mostCharacters)) return;
      handles.add(save.handle);
      yield save;
    }
  }

  end(save: Save, outcome: CommitOutcome): void {
    this.#saves.delete(save);
    save.settle(outcome);
  }

  fail(save: Save, error: unknown): void {
    this.#saves.delete(save);
    save.settle(undefined, error);
  }

  /** Calls `onStuck` when one write takes longer than `timeoutMs` milliseconds while others wait. */
  watch(timeoutMs: number, onStuck: () => void): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (performance.now() - this.#beganAt >= timeoutMs) onStuck();
      else if (this.#saves.size > 1) this.watch(timeoutMs, onStuck);
    }, timeoutMs).unref();
  }

  /** Removes and returns the saves that have not been tried yet. */
  takeWaiting(): Save[] {
    const waiting = [...this.#saves].filter(({ attempts }) => attempts === 0);
    for (const save of waiting) this.#saves.delete(save);
    return waiting;
  }

  failWaiting(error: unknown): void {
    for (const save of this.takeWaiting()) save.settle(undefined, error);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

function tooManyWait(sid: string): HoldfastError {
  return contended(`${mostWaiting} saves of session ${sessionLabel(sid)} wait already, so this one was not tried.`);
}

/** For a save that was retried too often. */
export function neverSettled(sid: string): HoldfastError {
  const why = "was changed by other processes each time that this one tried to save it";
  return contended(`Session ${sessionLabel(sid)} ${why}.`);
}

function contended(what: string): HoldfastError {
  return new HoldfastError(
    codes.SESSION_CONTENDED,
    `${what} Something sends requests of one visitor in a loop; look for it in the access log.`,
    { status: 503, headers: { "Retry-After": "1" } },
  );
}
