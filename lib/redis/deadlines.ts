/** Deadlines for all commands in flight, kept by one timer, so that a command costs no timer of its own. */

/** A command in flight. */
export interface InFlight {
  /** When it was sent, on the clock of {@link Deadlines}. */
  readonly sentAt: number;
  /** Called once if the deadline passes first. */
  readonly miss: () => void;
}

/** Milliseconds between two looks at the clock; a deadline is missed by so much at most. */
const step = 50;
/** Longer than this between two looks means that this process stood still, which is not Redis' fault. */
const longestStep = 250;

/**
 * All commands have the same deadline, so the one sent first is the one due first. The clock is our own: it advances
 * while this process runs, so that a blocked event loop, or a laptop that slept, does not look like a Redis that is silent.
 */
export class Deadlines {
  readonly #timeout: number;
  readonly #onTick: () => boolean;
  readonly #inFlight = new Set<InFlight>();
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  #now = 0;

  /** @param onTick called at every look while commands are in flight; returns whether to go on without any */
  constructor(timeout: number, onTick: () => boolean) {
    this.#timeout = timeout;
    this.#onTick = onTick;
  }

  /** Milliseconds on our own clock, as of the last look. */
  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#inFlight.size;
  }

  /** When the command was sent that has waited longest. */
  get oldest(): number | undefined {
    for (const command of this.#inFlight) return command.sentAt;
    return undefined;
  }

  begin(miss: () => void): InFlight {
    if (this.#timer === undefined) this.wake();
    const command = { sentAt: this.#now, miss };
    this.#inFlight.add(command);
    return command;
  }

  /** False when its deadline was missed before. */
  end(command: InFlight): boolean {
    return this.#inFlight.delete(command);
  }

  /** Starts the timer, if it does not run. It does not keep the process alive. */
  wake(): void {
    if (this.#timer !== undefined) return;
    this.#lookedAt = performance.now();
    this.#timer = setInterval(() => this.#look(), step).unref();
  }

  #look(): void {
    const time = performance.now();
    this.#now += Math.min(time - this.#lookedAt, longestStep);
    this.#lookedAt = time;
    for (const command of this.#inFlight) {
      // One step more, because what was sent since the last look bears that look's time.
      if (this.#now - command.sentAt < this.#timeout + step) break;
      this.#inFlight.delete(command);
      command.miss();
    }
    const goOn = this.#onTick();
    if (this.#inFlight.size > 0 || goOn) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
