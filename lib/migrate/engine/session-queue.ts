/** Runs one task at a time per session, so that this process's writes to a mirror keep their order. */

export class SessionQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(sid: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(sid);
    const run = before ? before.then(work, work) : work();
    this.#last.set(sid, run);
    const done = () => {
      if (this.#last.get(sid) === run) this.#last.delete(sid);
    };
    run.then(done, done);
    return run;
  }

  /** Resolves when all tasks have settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
