/** The commands to one server: each with a deadline, and none at all while that server is known not to answer. */
import { codes, HoldfastError } from "../errors/index.js";
import { Availability, type AvailabilityRules } from "./availability.js";
import { Deadlines, type InFlight } from "./deadlines.js";

export interface LaneSettings {
  /** Milliseconds. */
  commandTimeout: number;
  rules?: Partial<AvailabilityRules> | undefined;
  /** Asks for a sign of life with a cheap command on `key`: any answer counts. */
  probe(key: string): Promise<unknown>;
  /** Whether its owner has not closed the client. */
  isOpen(): boolean;
  /** Told once when the server stops to answer, and once when it answers again. */
  onChange(isUp: boolean): void;
}

export class Lane {
  readonly #settings: LaneSettings;
  readonly #availability: Availability;
  readonly #deadlines: Deadlines;
  /** Asked for when a sign of life is wanted: on a cluster, a key leads to its server. */
  #lastKey = "";
  #wasDown = false;

  constructor(settings: LaneSettings) {
    this.#settings = settings;
    this.#availability = new Availability(settings.rules);
    this.#deadlines = new Deadlines(settings.commandTimeout, () => this.#tick());
  }

  get isDown(): boolean {
    return this.#availability.isDown;
  }

  /** Commands that wait for their answer. */
  get inFlight(): number {
    return this.#deadlines.size;
  }

  /** The answer to a command that was just sent, or an error once its deadline has passed. A late answer is dropped. */
  watch<T>(sent: Promise<T>, key: string): Promise<T> {
    this.#lastKey = key;
    return new Promise((resolve, reject) => {
      const command: InFlight = this.#deadlines.begin(() => {
        this.#availability.timedOut(this.#deadlines.now);
        reject(noAnswer(this.#settings.commandTimeout));
      });
      sent.then(
        (value) => {
          this.#answered();
          if (this.#deadlines.end(command)) resolve(value);
        },
        (error: unknown) => {
          if (isReply(error)) this.#answered();
          if (this.#deadlines.end(command)) reject(error as Error);
        },
      );
    });
  }

  /** What a command gets instead of being sent while the server is down. */
  refuse(): Promise<never> {
    return Promise.reject(known());
  }

  #tick(): boolean {
    const { now, oldest } = this.#deadlines;
    if (!this.#settings.isOpen()) {
      this.#answered(); // closed on purpose: if it is opened again, it begins anew
      return false;
    }
    if (this.#availability.tick(now, oldest)) this.#probe();
    this.#tellChange();
    return this.#availability.state !== "up";
  }

  #answered(): void {
    this.#availability.answered(this.#deadlines.now);
    if (this.#wasDown) this.#tellChange();
  }

  #tellChange(): void {
    const { isDown } = this.#availability;
    if (isDown === this.#wasDown) return;
    this.#wasDown = isDown;
    this.#settings.onChange(!isDown);
  }

  #probe(): void {
    this.#settings
      .probe(this.#lastKey)
      .then(
        () => true,
        (error: unknown) => isReply(error),
      )
      .then((hasAnswered) => {
        this.#availability.probeEnded();
        if (hasAnswered) this.#answered();
      })
      .catch(() => {});
  }
}

/** An error that Redis sent, unlike one of the connection. By name, because the app may have a `redis` of its own. */
function isReply(error: unknown): boolean {
  for (let type: unknown = error; type instanceof Error; type = Object.getPrototypeOf(type)) {
    if (type.constructor.name === "ErrorReply") return true;
  }
  return false;
}

const remedy = "Try again in a moment; if it lasts, look at the Redis server.";

function noAnswer(timeout: number): HoldfastError {
  return unavailable(`The session store failed: Redis did not answer within ${timeout / 1000} s. ${remedy}`);
}

function known(): HoldfastError {
  return unavailable(
    `The session store is not available: Redis does not answer, so it is not asked until it does. ${remedy}`,
  );
}

function unavailable(message: string): HoldfastError {
  return new HoldfastError(codes.STORE_UNAVAILABLE, message, { status: 503, headers: { "Retry-After": "1" } });
}
