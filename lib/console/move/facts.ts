/** What the page shows of a migration. While Redis is silent, what was last known. */
import { within } from "../../errors/index.js";
import type { Move, MoveStatus, Source } from "../../migrate/index.js";
import { failureWords, type FailureWords } from "../views/failure-words.js";
import type { SessionCounter } from "../now/session-counter.js";
import type { Job, Jobs, Slot } from "./jobs.js";

/** Milliseconds that Redis gets to answer. */
const patience = 1800;

export interface MoveFacts {
  readonly status: MoveStatus;
  readonly jobs: Partial<Record<Slot, Job>>;
  /** The number of sessions; undefined if not known yet. */
  readonly inLegacy: number | undefined;
  readonly inRedis: number | undefined;
  /** When Redis told this, in milliseconds since 1970. */
  readonly at: number;
  /** Redis does not answer now, for the reason that the failure says. */
  readonly isOld: boolean;
  readonly failure?: FailureWords | undefined;
  /** The steps can be taken here. */
  readonly canAct: boolean;
}

export interface MoveParts {
  readonly move: Move;
  readonly jobs: Jobs;
  readonly source: Source | undefined;
  readonly inLegacy: SessionCounter | undefined;
  readonly inRedis: SessionCounter;
}

export class MoveWatcher {
  readonly #parts: MoveParts;
  #latest: MoveFacts | undefined;
  /** The jobs that had ended at the last look. */
  #ended = "";

  constructor(parts: MoveParts) {
    this.#parts = parts;
  }

  /** Rejects if Redis does not answer and never has. */
  async look(): Promise<MoveFacts> {
    const { move, jobs, source, inLegacy, inRedis } = this.#parts;
    try {
      const [status, known] = await within(Promise.all([move.status(), jobs.read()]), patience);
      this.#countAgainAfter(known);
      return (this.#latest = {
        status,
        jobs: known,
        inLegacy: inLegacy?.latest?.count,
        inRedis: inRedis.latest?.count,
        at: Date.now(),
        isOld: false,
        canAct: source !== undefined,
      });
    } catch (error) {
      if (!this.#latest) throw error;
      return { ...this.#latest, isOld: true, failure: failureWords(error) };
    }
  }

  /** A job moves thousands of sessions, here or in another process. */
  #countAgainAfter(jobs: Partial<Record<Slot, Job>>): void {
    const ended = Object.values(jobs).flatMap(({ id, state }) => (state === "running" ? [] : id));
    const all = ended.sort().join();
    if (all === this.#ended) return;
    this.#ended = all;
    this.#parts.inRedis.renew();
    this.#parts.inLegacy?.renew();
  }
}
