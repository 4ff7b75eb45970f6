/** The writes that are under way, so that a close can wait for them. */

export class PendingWrites {
  readonly #writes = new Set<Promise<unknown>>();

  /** Returns the same promise. */
  add<T>(write: Promise<T>): Promise<T> {
    this.#writes.add(write);
    const done = () => this.#writes.delete(write);
    write.then(done, done);
    return write;
  }

  /** Resolves once all have settled, including those that begin meanwhile. */
  async settled(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }
}
