/** One thing after the other for each session, so that this process' own writes to a mirror keep their order. */

export class Turns {
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

  /** Resolves once everything that was begun has settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
