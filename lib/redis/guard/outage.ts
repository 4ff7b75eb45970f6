/**
 * Warns that Redis is down, and that it is back: once per outage, and less often if outages follow each other quickly.
 */
import { codes, warn } from "../../errors/index.js";
import { type OutageReason, signals } from "../../signals/index.js";

/** Milliseconds after a reported outage during which no new one is reported. */
const quietMs = 10_000;

export class Outage {
  /** The name of the server in the message that it is back. */
  shown = "Redis";
  /** The connection itself reports that it is lost; otherwise failed commands do. */
  isConnectionWatched = false;
  /** Why the last attempt to connect has failed. */
  obstacle: unknown;
  readonly #client: object;
  /** These can exist at the same time; the outage is over when none is left. */
  readonly #reasons = new Set<OutageReason>();
  /** Each message is emitted once per outage; the first often only says that the connection was closed. */
  readonly #said = new Set<string>();
  #since = 0;
  #quietUntil = -Infinity;

  constructor(client: object) {
    this.#client = client;
  }

  get isOn(): boolean {
    return this.#reasons.size > 0;
  }

  /** The same error; one that only says that there is no connection gets the reason as its `cause`. */
  explain(error: unknown): unknown {
    if (error instanceof Error && /offline/.test(error.message)) error.cause ??= this.obstacle;
    return error;
  }

  /** May be called any number of times per outage. */
  begin(reason: OutageReason, message: string, now = performance.now()): void {
    if (!this.isOn) {
      this.#since = now;
      this.#said.clear();
      signals.redis.unavailable.send({ client: this.#client, reason });
    }
    this.#reasons.add(reason);
    if (now < this.#quietUntil || this.#said.has(message)) return;
    this.#said.add(message);
    warn(codes.REDIS_CONNECTION_LOST, message);
  }

  end(reason: OutageReason, now = performance.now()): void {
    if (!this.#reasons.delete(reason) || this.isOn) return;
    const duration = now - this.#since;
    signals.redis.available.send({ client: this.#client, reason, duration });
    if (this.#said.size === 0) return;
    this.#quietUntil = now + quietMs;
    warn(codes.REDIS_BACK, `${this.shown} is back after ${seconds(duration)} s.`);
  }

  /** The client was closed on purpose, so it will not be known whether Redis is back. */
  forget(): void {
    this.#reasons.clear();
  }
}

function seconds(milliseconds: number): string {
  return milliseconds < 9950 ? (milliseconds / 1000).toFixed(1) : String(Math.round(milliseconds / 1000));
}

const outages = new WeakMap<object, Outage>();

/** The outage of a client, shared by all its users. */
export function outageOf(client: object): Outage {
  let outage = outages.get(client);
  if (!outage) outages.set(client, (outage = new Outage(client)));
  return outage;
}
