/** Whether Redis answers: a state machine fed with answers, deadlines and the time. Pure: it has no clock and no timer. */

/** Milliseconds, except `timeouts`. */
export interface AvailabilityRules {
  /** Commands wait and nothing at all was answered for so long: ask Redis for a sign of life. */
  silence: number;
  /** No answer for so much longer, to that or to anything else: Redis is down. */
  grace: number;
  /** So many deadlines missed at different moments with no answer between them: Redis is down. */
  timeouts: number;
  /** While Redis is down, a sign of life is asked for so often. */
  probeEvery: number;
  /** Signs of life that may be awaited at a time, so that nothing piles up at a server that is stuck. */
  probes: number;
}

export const defaultRules: AvailabilityRules = { silence: 1000, grace: 500, timeouts: 3, probeEvery: 250, probes: 4 };

/**
 * `up`, `suspect` (asked for a sign of life, not yet sure) or `down`.
 *
 * Any answer, an error reply included, ends all suspicion: a Redis that is slow but answers is up. A single slow command
 * is cut off by its own deadline only.
 */
export class Availability {
  readonly #rules: AvailabilityRules;
  #state: "up" | "suspect" | "down" = "up";
  #lastAnswer = -Infinity;
  #lastTimeout = -Infinity;
  #lastProbe = -Infinity;
  #suspectSince = 0;
  #timeoutsInARow = 0;
  #openProbes = 0;

  constructor(rules: Partial<AvailabilityRules> = {}) {
    this.#rules = { ...defaultRules, ...rules };
  }

  get state(): "up" | "suspect" | "down" {
    return this.#state;
  }

  get isDown(): boolean {
    return this.#state === "down";
  }

  /** Redis answered something. */
  answered(now: number): void {
    this.#lastAnswer = now;
    if (this.#state === "up" && this.#timeoutsInARow === 0) return;
    this.#state = "up";
    this.#timeoutsInARow = 0;
    this.#lastTimeout = -Infinity;
    this.#lastProbe = -Infinity;
  }

  /** A command missed its deadline. Those that miss it at the same moment count once. */
  timedOut(now: number): void {
    if (now <= this.#lastTimeout) return;
    this.#lastTimeout = now;
    if (++this.#timeoutsInARow >= this.#rules.timeouts) this.#state = "down";
  }

  /**
   * Time passes. Returns whether to ask for a sign of life now.
   *
   * @param oldest when the command was sent that has waited longest; `undefined` when none is waiting
   */
  tick(now: number, oldest: number | undefined): boolean {
    if (this.#state === "up") {
      if (oldest === undefined || now - Math.max(oldest, this.#lastAnswer) < this.#rules.silence) return false;
      this.#state = "suspect";
      this.#suspectSince = now;
      return this.#mayProbe(now);
    }
    if (this.#state === "suspect" && now - this.#suspectSince >= this.#rules.grace) this.#state = "down";
    return this.#mayProbe(now);
  }

  /** A sign of life that was asked for came, or never will. */
  probeEnded(): void {
    this.#openProbes--;
  }

  #mayProbe(now: number): boolean {
    if (this.#openProbes >= this.#rules.probes || now - this.#lastProbe < this.#rules.probeEvery) return false;
    this.#lastProbe = now;
    this.#openProbes++;
    return true;
  }
}
