/**
 * Whether Redis responds: a state machine driven by replies, deadlines and the time. Pure: it has no clock and no
 * timer.
 */

/** In milliseconds, except `timeouts` and `probes`. */
export interface BreakerRules {
  /** Commands are waiting and no reply at all has arrived for this long: send a probe. */
  silence: number;
  /** Still no reply, to the probe or anything else, for this much longer: Redis is down. */
  grace: number;
  /** This many deadlines missed at different times, without a reply in between: Redis is down. */
  timeouts: number;
  /** The interval between probes while Redis is down. */
  probeEvery: number;
  /** The most probes in flight, so that they do not pile up at a server that is stuck. */
  probes: number;
}

export const defaultRules: BreakerRules = { silence: 1000, grace: 500, timeouts: 3, probeEvery: 250, probes: 4 };

/**
 * `up`, `suspect` (a probe was sent, the result is open) or `down`.
 *
 * Any reply, an error included, means up: a slow Redis that responds is not down. A single slow command only misses its
 * own deadline.
 */
export class Breaker {
  readonly #rules: BreakerRules;
  #state: "up" | "suspect" | "down" = "up";
  #lastAnswer = -Infinity;
  #lastTimeout = -Infinity;
  #lastProbe = -Infinity;
  #suspectSince = 0;
  #timeoutsInARow = 0;
  #openProbes = 0;

  constructor(rules: Partial<BreakerRules> = {}) {
    this.#rules = { ...defaultRules, ...rules };
  }

  get state(): "up" | "suspect" | "down" {
    return this.#state;
  }

  get isDown(): boolean {
    return this.#state === "down";
  }

  /** A reply arrived. */
  answered(now: number): void {
    this.#lastAnswer = now;
    if (this.#state === "up" && this.#timeoutsInARow === 0) return;
    this.#state = "up";
    this.#timeoutsInARow = 0;
    this.#lastTimeout = -Infinity;
    this.#lastProbe = -Infinity;
  }

  /** A command missed its deadline. Several that miss it at the same time count once. */
  timedOut(now: number): void {
    if (now <= this.#lastTimeout) return;
    this.#lastTimeout = now;
    if (++this.#timeoutsInARow >= this.#rules.timeouts) this.#state = "down";
  }

  /**
   * Time passes. Returns whether to send a probe now; it then counts as sent.
   *
   * @param oldest when the longest waiting command was sent; `undefined` if none is waiting
   */
  tick(now: number, oldest: number | undefined): boolean {
    if (this.#state === "up") {
      if (oldest === undefined || now - Math.max(oldest, this.#lastAnswer) < this.#rules.silence) return false;
      this.#state = "suspect";
      this.#suspectSince = now;
      return this.#startProbe(now);
    }
    if (this.#state === "suspect" && now - this.#suspectSince >= this.#rules.grace) this.#state = "down";
    return this.#startProbe(now);
  }

  /** A probe was answered, or failed. */
  probeEnded(): void {
    this.#openProbes--;
  }

  #startProbe(now: number): boolean {
    if (this.#openProbes >= this.#rules.probes || now - this.#lastProbe < this.#rules.probeEvery) return false;
    this.#lastProbe = now;
    this.#openProbes++;
    return true;
  }
}
