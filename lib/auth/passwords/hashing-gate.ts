/**
 * Limits how many threads hash passwords at once. Node.js reads files, resolves names and compresses on the same few
 * threads (four, or UV_THREADPOOL_SIZE). If all of them hash, every page that needs one waits, so one is kept free.
 */
import { codes, unavailable } from "../../errors/index.js";

export class HashingGate {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param threads size of Node.js's thread pool */
  constructor(threads: number) {
    this.#atOnce = Math.max(1, threads - 1);
  }

  /** Runs the work when it is its turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  /**
   * The same for a visitor, who would not wait long: a flood of logins must not build an endless queue.
   *
   * @throws HoldfastError `HOLDFAST_LOGINS_BUSY` (503) if as many are waiting as can be served in about a second
   */
  async runSoon<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= this.#atOnce * waitingPerThread) throw busy();
    return this.run(work);
  }
}

/** A current hash takes about 15 to 50 milliseconds of CPU time. */
const waitingPerThread = 20;

/** The size of the thread pool, parsed like libuv does. */
export function threadsOfPool(size: string | undefined = process.env["UV_THREADPOOL_SIZE"]): number {
  const threads = Number.parseInt(size ?? "4", 10);
  return Number.isNaN(threads) ? 1 : Math.min(1024, Math.max(1, threads));
}

/** One per process, like the thread pool. */
export const hashingGate = new HashingGate(threadsOfPool());

function busy(): Error {
  return unavailable(
    codes.LOGINS_BUSY,
    "Too many passwords are waiting to be checked. Try again in a moment. If this continues, look for a flood of " +
      "logins, or increase UV_THREADPOOL_SIZE if there are enough processors.",
  );
}
