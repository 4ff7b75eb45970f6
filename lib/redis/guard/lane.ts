/** The commands to one server: each with a deadline, and none while that server is known not to respond. */
import { Breaker, defaultRules, type BreakerRules } from "./breaker.js";
import { Deadlines } from "./deadlines.js";
import { commandFailure, noAnswer, notAsked } from "../describe-failure.js";
import { connectionFailure, isReply } from "../failure-reasons.js";
import { withoutArguments } from "../without-arguments.js";

export interface LaneSettings {
  rules?: Partial<BreakerRules> | undefined;
  /** The client library's error as this package reads it; absent if it needs no translation. */
  failure?: ((error: unknown) => unknown) | undefined;
  /** Sends a cheap command on `key`; any reply counts. */
  probe(key: string): Promise<unknown>;
  /** False once the owner has closed the client. */
  isOpen(): boolean;
  /**
   * Called once when the server stops responding, and once when it responds again.
   *
   * @param silence milliseconds since the first command was sent that has no reply
   */
  onChange(isUp: boolean, silence: number): void;
  /** Called for each command that failed with the connection, and with `undefined` for the first reply after that. */
  onConnection(failure: unknown): void;
  /** Called while the server is silent, and for each command that failed with the connection; with a key that leads to it. */
  recover?: ((key: string) => void) | undefined;
}

export class Lane {
  readonly #settings: LaneSettings;
  readonly #breaker: Breaker;
  readonly #deadlines = new Deadlines(() => this.#tick());
  /** The key for probes: on a cluster, it leads to the right server. */
  #lastKey = "";
  /** The longest timeout so far, in milliseconds. Missing a shorter one does not mean that Redis is down for all. */
  #longest = 0;
  readonly #silence: number;
  /** When the first command was sent that the client library gave up on, if there was no reply since then. */
  #unansweredSince: number | undefined;
  /** When the first command was sent since the last reply. */
  #askedSince: number | undefined;
  #wasDown = false;
  #hasFailed = false;

  constructor(settings: LaneSettings) {
    this.#settings = settings;
    this.#breaker = new Breaker(settings.rules);
    this.#silence = settings.rules?.silence ?? defaultRules.silence;
  }

  get isDown(): boolean {
    return this.#breaker.isDown;
  }

  /** The number of commands that wait for their reply. */
  get inFlight(): number {
    return this.#deadlines.size;
  }

  /**
   * The reply to a command that was just sent, or an error after `timeout` milliseconds. A late reply is dropped.
   */
  watch<T>(sent: Promise<T>, key: string, timeout: number): Promise<T> {
    this.#lastKey = key;
    if (timeout > this.#longest) this.#longest = timeout;
    return new Promise((resolve, reject) => {
      const command = this.#deadlines.begin(timeout, () => {
        if (timeout >= Math.min(this.#longest, this.#silence)) this.#breaker.timedOut(this.#deadlines.now);
        reject(noAnswer(timeout));
      });
      this.#askedSince ??= command.sentAt;
      sent.then(
        (value) => {
          this.#answered();
          if (this.#deadlines.end(command)) resolve(value);
        },
        (cause: unknown) => {
          const error = this.#failure(cause);
          if (isReply(error)) this.#answered();
          else this.#connectionFailed(error, command.sentAt);
          if (this.#deadlines.end(command)) reject(commandFailure(error));
        },
      );
    });
  }

  /** The result of a command that is not sent because the server is down. */
  refuse(): Promise<never> {
    return Promise.reject(notAsked());
  }

  #tick(): boolean {
    const { now, oldest } = this.#deadlines;
    if (!this.#settings.isOpen()) {
      this.#answered(); // closed on purpose; if it is opened again, everything starts over
      return false;
    }
    const since = Math.min(oldest ?? Infinity, this.#unansweredSince ?? Infinity);
    if (this.#breaker.tick(now, since === Infinity ? undefined : since)) this.#probe();
    if (this.#breaker.state !== "up") this.#recover();
    this.#tellChange();
    return this.#breaker.state !== "up" || this.#unansweredSince !== undefined;
  }

  #answered(): void {
    this.#unansweredSince = this.#askedSince = undefined;
    this.#breaker.answered(this.#deadlines.now);
    if (this.#wasDown) this.#tellChange();
    if (this.#hasFailed) {
      this.#hasFailed = false;
      this.#settings.onConnection(undefined);
    }
  }

  #connectionFailed(error: unknown, sentAt: number): void {
    this.#hasFailed = true;
    // A client library with a shorter deadline of its own must not hide that Redis is silent.
    if (connectionFailure(error).reason === "timeout") this.#unansweredSince ??= sentAt;
    this.#settings.onConnection(error);
    this.#recover();
  }

  #recover(): void {
    if (this.#lastKey !== "" && this.#settings.isOpen()) this.#settings.recover?.(this.#lastKey);
  }

  #failure(cause: unknown): unknown {
    const { failure } = this.#settings;
    return withoutArguments(failure ? failure(cause) : cause);
  }

  #tellChange(): void {
    const { isDown } = this.#breaker;
    if (isDown === this.#wasDown) return;
    this.#wasDown = isDown;
    const { now } = this.#deadlines;
    this.#settings.onChange(!isDown, now - (this.#askedSince ?? now));
  }

  #probe(): void {
    this.#settings
      .probe(this.#lastKey)
      .then(
        () => true,
        (cause: unknown) => isReply(this.#failure(cause)),
      )
      .then((hasAnswered) => {
        this.#breaker.probeEnded();
        if (hasAnswered) this.#answered();
      })
      .catch(() => {});
  }
}
