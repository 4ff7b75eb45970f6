/**
 * The operator's jobs, one at a time. A job runs in the process that got the request and is recorded in Redis, so that
 * every process can show it, and notice if the one that runs it has ended.
 */
import { randomBytes } from "node:crypto";
import { HoldfastError } from "../../errors/index.js";
import { guardClient, type GuardedClient, type RedisClient } from "../../redis/index.js";

/** The places on the page where outcomes are shown, each beside its button. */
const slots = ["start", "backfill", "verify", "set-10", "set-50", "set-100", "finish", "set", "rollback"] as const;
export type Slot = (typeof slots)[number];

export interface Job {
  readonly slot: Slot;
  readonly id: string;
  readonly state: "running" | "done" | "refused" | "interrupted";
  /** What it is doing or has done, or why it failed. */
  readonly sentence: string;
  /** Its progress, if known. */
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/** What a job reports while it runs. */
export type Report = Pick<Job, "sentence" | "done" | "total">;
/** How a job ended. */
export type Outcome = Pick<Job, "state" | "sentence">;
export type Work = (report: (now: Report) => void, signal: AbortSignal) => Promise<Outcome>;

/** Seconds without a heartbeat after which the process counts as gone. */
const silence = 5;
/** Milliseconds between two heartbeats. */
const beat = 300;
/** Seconds for which outcomes are shown. */
const jobsTtl = 86_400;

export class Jobs {
  readonly #client: GuardedClient;
  readonly #keys: { readonly lock: string; readonly jobs: string };
  readonly #stopped: AbortSignal;
  #running: Promise<void> | undefined;

  /** @param key that of the migration's state, so that two migrations in one Redis do not share their jobs */
  constructor(client: RedisClient, key: string, stopped: AbortSignal) {
    this.#client = guardClient(client);
    this.#keys = { lock: `${key}:console:lock`, jobs: `${key}:console:jobs` };
    this.#stopped = stopped;
  }

  /** Starts a job and returns its end; undefined if another one is running. Rejects only if Redis is down. */
  async begin(slot: Slot, work: Work): Promise<{ ended: Promise<void> } | undefined> {
    const id = randomBytes(6).toString("hex");
    const lock = { condition: "NX", expiration: { type: "EX", value: silence } } as const;
    if ((await this.#client.set(this.#keys.lock, id, lock)) === null) return undefined;
    await this.#forgetOld(slot);
    const job: Job = { slot, id, state: "running", sentence: "One moment …" };
    await this.#write(job);
    const ended = this.#run(job, work);
    this.#running = ended;
    return { ended };
  }

  /** Resolves when no job runs here any more. A long one stops where it is; a turn of the dial is completed. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** The last of each kind. */
  async read(): Promise<Partial<Record<Slot, Job>>> {
    const [runner, texts] = await Promise.all([
      this.#client.get(this.#keys.lock),
      this.#client.hGetAll(this.#keys.jobs),
    ]);
    const jobs = Object.values(texts).map((text): Job => JSON.parse(text));
    return Object.fromEntries(jobs.map((job) => [job.slot, job.id === runner ? job : ended(job)]));
  }

  async #run(begun: Job, work: Work): Promise<void> {
    let now = begun;
    const timer = setInterval(() => void this.#write(now).catch(() => {}), beat);
    try {
      now = { ...now, ...(await work((report) => (now = { ...now, ...report }), this.#stopped)) };
    } catch (error) {
      now = { ...now, state: "refused", sentence: reasonOf(error) };
    } finally {
      clearInterval(timer);
    }
    await this.#write(now).catch(() => {});
    await this.#client.unlink(this.#keys.lock).catch(() => {});
  }

  async #write(job: Job): Promise<void> {
    const { jobs, lock } = this.#keys;
    await Promise.all([
      this.#client.send(jobs, (client) => client.hSet(jobs, job.slot, JSON.stringify(job))),
      this.#client.expire(jobs, jobsTtl),
      this.#client.expire(lock, silence),
    ]);
  }

  /** Outcomes of the dial and refusals are outdated now; a new start or a rollback clears all. */
  async #forgetOld(slot: Slot): Promise<void> {
    const isNew = slot === "start" || slot === "rollback";
    const { jobs } = this.#keys;
    for (const job of Object.values(await this.read()))
      if (isNew || job.state !== "done" || job.slot === "set")
        await this.#client.send(jobs, (client) => client.hDel(jobs, job.slot));
  }
}

/** For a job that is recorded as running although no process runs it. */
function ended(job: Job): Job {
  if (job.state !== "running") return job;
  return { ...job, state: "interrupted", sentence: "The process that ran this has ended. Press again to continue." };
}

/** The messages of this package are shown as they are; others can contain addresses. */
function reasonOf(error: unknown): string {
  return HoldfastError.is(error) ? error.message : "Something went wrong. The same step as a command says what.";
}
