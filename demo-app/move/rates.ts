/** Requests and database writes of the last seconds, across all workers: each adds its counts once a second. */
import type { RedisClientType } from "redis";

/** The length of the period, in seconds. */
export const window = 10;

export interface Rate {
  readonly requests: number;
  readonly writes: number;
}

export class Rates {
  readonly #client: RedisClientType;
  readonly #timer: NodeJS.Timeout;
  #requests = 0;
  #writes = 0;

  constructor(client: RedisClientType) {
    this.#client = client;
    this.#timer = setInterval(() => void this.#flush().catch(() => {}), 1000).unref();
  }

  answered(): void {
    this.#requests++;
  }

  wrote(): void {
    this.#writes++;
  }

  async read(): Promise<Rate> {
    const now = second();
    const keys = Array.from({ length: window }, (_, ago) => keyOf(now - ago));
    const counts = await Promise.all(keys.map((key) => this.#client.hGetAll(key)));
    const sum = (name: string) => counts.reduce((total, count) => total + Number(count[name] ?? 0), 0);
    return { requests: sum("requests"), writes: sum("writes") };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #flush(): Promise<void> {
    const counts = { requests: this.#requests, writes: this.#writes };
    if (counts.requests === 0 && counts.writes === 0) return;
    this.#requests = this.#writes = 0;
    const key = keyOf(second());
    await Promise.all([
      ...Object.entries(counts).map(([name, count]) => this.#client.hIncrBy(key, name, count)),
      this.#client.expire(key, 2 * window),
    ]);
  }
}

function second(): number {
  return Math.floor(Date.now() / 1000);
}

function keyOf(at: number): string {
  return `shop:rates:${at}`;
}
