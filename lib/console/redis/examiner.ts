/** Asks the doctor. It sends a thousand commands, so all operators share what it found for a while. */
import { doctor, type DoctorOptions, type Finding } from "../../ops/index.js";

/** Milliseconds. */
const freshness = 30_000;
/** Milliseconds: who asks for a new examination does not get one more often than this. */
const leastPause = 3000;
/** Milliseconds that Redis gets for all of it. */
const timeout = 8000;

export interface Examination {
  readonly findings: readonly Finding[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

export class Examiner {
  readonly #client: object;
  readonly #options: DoctorOptions;
  #latest: Examination | undefined;
  #running: Promise<Examination> | undefined;

  constructor(client: object, options: DoctorOptions) {
    this.#client = client;
    this.#options = options;
  }

  examine(again: boolean): Promise<Examination> {
    const age = Date.now() - (this.#latest?.at ?? 0);
    if (this.#latest && age < (again ? leastPause : freshness)) return Promise.resolve(this.#latest);
    return (this.#running ??= this.#examine().finally(() => (this.#running = undefined)));
  }

  async #examine(): Promise<Examination> {
    const findings = await doctor(this.#client, { ...this.#options, commandTimeout: 1500, timeout });
    return (this.#latest = { findings, at: Date.now() });
  }
}
