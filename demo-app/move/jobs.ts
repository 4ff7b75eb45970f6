/**
 * The operator's jobs, one at a time. A job runs in the worker that got the request and is recorded in Redis, so that
 * every worker can show it, and notice if the worker that runs it has crashed.
 */
import { randomBytes } from "node:crypto";
import type { RedisClientType } from "redis";

/** The places on the page where outcomes are shown, each beside its button. */
export const slots = [
  "start",
  "backfill",
  "set-10",
  "set-50",
  "set-100",
  "set",
  "verify",
  "verify-again",
  "finish",
  "rollback",
] as const;
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

/** What a job reports while it runs, and when it ends. */
export type Report = Pick<Job, "sentence" | "done" | "total">;
export type Work = (report: (now: Report) => void, signal: AbortSignal) => Promise<Pick<Job, "state" | "sentence">>;

const lockKey = "shop:operator:lock";
const jobsKey = "shop:operator:jobs";
/** Milliseconds without a heartbeat after which the worker counts as gone. */
const silence = 4000;
/** Milliseconds between two heartbeats. */
const beat = 200;

export class Jobs {
  readonly #client: RedisClientType;
  readonly #abort = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(client: RedisClientType) {
    this.#client = client;
  }

  /** Starts a job and resolves with its end; undefined if another one is running. Rejects only if Redis is down. */
  async begin(slot: Slot, work: Work): Promise<{ ended: Promise<void> } | undefined> {
    const id = randomBytes(6).toString("hex");
    const isFree = await this.#client.set(lockKey, id, { condition: "NX", expiration: { type: "PX", value: silence } });
    if (isFree !== "OK") return undefined;
    await this.#forgetOld(slot);
    await this.#write({ slot, id, state: "running", sentence: "One moment …" });
    const ended = this.#run({ slot, id }, work);
    this.#running = ended;
    return { ended };
  }

  /** The last of each kind. */
  async read(): Promise<Partial<Record<Slot, Job>>> {
    const [runner, texts] = await Promise.all([this.#client.get(lockKey), this.#client.hGetAll(jobsKey)]);
    const jobs = Object.values(texts).map((text) => JSON.parse(text) as Job);
    return Object.fromEntries(jobs.map((job) => [job.slot, job.id === runner ? job : ended(job)]));
  }

  /** Long jobs stop where they are; a turn of the dial is completed, which takes a second or two. */
  stop(): void {
    this.#abort.abort();
  }

  /** Resolves once no job runs here any more. */
  async close(): Promise<void> {
    this.stop();
    await this.#running;
  }

  async #run(name: Pick<Job, "slot" | "id">, work: Work): Promise<void> {
    let now: Job = { ...name, state: "running", sentence: "One moment …" };
    const tell = () => void this.#write(now).catch(() => {});
    const timer = setInterval(tell, beat);
    try {
      const end = await work((report) => (now = { ...now, ...report }), this.#abort.signal);
      now = { ...now, ...end };
    } finally {
      clearInterval(timer);
    }
    await this.#write(now).catch(() => {});
    await this.#client.del(lockKey).catch(() => {});
  }

  async #write(job: Job): Promise<void> {
    await Promise.all([
      this.#client.hSet(jobsKey, job.slot, JSON.stringify(job)),
      this.#client.expire(jobsKey, 86_400),
      this.#client.pExpire(lockKey, silence),
    ]);
  }

  /** Outcomes of the dial and refusals are outdated now; a new start or a rollback clears all. */
  async #forgetOld(slot: Slot): Promise<void> {
    const jobs = Object.values(await this.read());
    const isNew = slot === "start" || slot === "rollback";
    const old = jobs.filter((job) => isNew || job.state !== "done" || job.slot.startsWith("set"));
    if (old.length > 0)
      await this.#client.hDel(
        jobsKey,
        old.map((job) => job.slot),
      );
  }
}

/** For a job that is recorded as running although no process runs it. */
function ended(job: Job): Job {
  if (job.state !== "running") return job;
  const sentence = "The process that ran this has ended. Press the button again to continue.";
  return { ...job, state: "interrupted", sentence };
}
