/** The payloads of the signals about sessions. */
import { sessionLabel } from "../errors/index.js";

/** What the signals about sessions have in common. */
export class SessionSignal {
  /** The store that the middleware uses, to tell several of them in one process apart. */
  readonly store: object;
  readonly #sid: string;

  constructor(store: object, sid: string) {
    this.store = store;
    this.#sid = sid;
  }

  /** A short hash of the session's id. */
  get session(): string {
    return sessionLabel(this.#sid);
  }
}

export class TimedSignal extends SessionSignal {
  /** Milliseconds. */
  readonly duration: number;

  /** @param begun when it began, in milliseconds of `performance.now()` */
  constructor(store: object, sid: string, begun: number) {
    super(store, sid);
    this.duration = performance.now() - begun;
  }
}

export class FoundSignal extends TimedSignal {
  /** `memory`: the near cache had it, so no command was sent. */
  readonly from: "store" | "memory";

  constructor(store: object, sid: string, begun: number, from: "store" | "memory") {
    super(store, sid, begun);
    this.from = from;
  }
}

export class SavedSignal extends TimedSignal {
  /** How often the change was merged with what other requests had saved meanwhile. */
  readonly rounds: number;

  constructor(store: object, sid: string, begun: number, rounds: number) {
    super(store, sid, begun);
    this.rounds = rounds;
  }
}

/** What was to be done with a session. */
export type Operation = "find" | "save" | "touch" | "destroy";

export class FailedSignal extends TimedSignal {
  readonly operation: Operation;
  /** What was thrown; a `HoldfastError` with a `code` and often a `reason`, unless the store is not ours. */
  readonly error: unknown;

  constructor(store: object, sid: string, begun: number, operation: Operation, error: unknown) {
    super(store, sid, begun);
    this.operation = operation;
    this.error = error;
  }
}
