/** Warns that Redis is down, and that it is back: once per outage, and less often if outages follow each other quickly. */
import { codes, warn } from "../../errors/index.js";

/** Milliseconds after a reported outage during which no new one is reported. */
const quietMs = 10_000;

/** Causes, which can exist at the same time; the outage is over when none is left. */
export type OutageCause = "silent" | "disconnected";

export class Outage {
  /** The name of the server in the message that it is back. */
  shown = "Redis";
  /** The connection itself reports that it is lost; otherwise failed commands do. */
  isConnectionWatched = false;
  readonly #causes = new Set<OutageCause>();
  /** Each message is emitted once per outage; the first often only says that the connection was closed. */
  readonly #said = new Set<string>();
  #since = 0;
  #quietUntil = -Infinity;

  get isOn(): boolean {
    return this.#causes.size > 0;
  }

  /** May be called any number of times per outage. */
  begin(cause: OutageCause, message: string, now = performance.now()): void {
    if (!this.isOn) {
      this.#since = now;
      this.#said.clear();
    }
    this.#causes.add(cause);
    if (now < this.#quietUntil || this.#said.has(message)) return;
    this.#said.add(message);
    warn(codes.REDIS_CONNECTION_LOST, message);
  }

  end(cause: OutageCause, now = performance.now()): void {
    if (!this.#causes.delete(cause) || this.isOn || this.#said.size === 0) return;
    this.#quietUntil = now + quietMs;
    warn(codes.REDIS_BACK, `${this.shown} is back after ${seconds(now - this.#since)} s.`);
  }

  /** The client was closed on purpose, so it will not be known whether Redis is back. */
  forget(): void {
    this.#causes.clear();
  }
}

function seconds(milliseconds: number): string {
  return milliseconds < 9950 ? (milliseconds / 1000).toFixed(1) : String(Math.round(milliseconds / 1000));
}

const outages = new WeakMap<object, Outage>();

/** The outage of a client, shared by all its users. */
export function outageOf(client: object): Outage {
  let outage = outages.get(client);
  if (!outage) outages.set(client, (outage = new Outage()));
  return outage;
}
