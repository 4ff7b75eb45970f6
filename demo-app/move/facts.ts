/** What the operator's page shows: the state of the migration, the contents of both stores, and the processes. */
import type { Request } from "express";
import { bucketOf, type Home, type MoveStatus } from "holdfast/migrate";
import { unaccounted } from "../request-cost.js";
import type { Job, Slot } from "./jobs.js";
import type { Moving } from "./operator.js";
import type { Rate } from "./rates.js";

export interface MoveFacts {
  readonly status: MoveStatus;
  readonly jobs: Partial<Record<Slot, Job>>;
  readonly rate: Rate;
  /** The number of sessions; undefined if the store is down. */
  readonly inDatabase: number | undefined;
  readonly inRedis: number | undefined;
  readonly own: {
    readonly home: Home;
    /** 0 to 99: Redis is the session's home once the dial is higher. */
    readonly bucket: number;
  };
}

/** Rejects if Redis is down, because the position of the dial is then unknown. */
export async function moveFacts({ stores, operator }: Moving, req: Request): Promise<MoveFacts> {
  const [status, jobs, rate, inDatabase, inRedis] = await unaccounted(() =>
    Promise.all([
      operator.move.status(),
      operator.jobs.read(),
      stores.rates.read(),
      stores.source.count().catch(() => undefined),
      stores.redis.length(),
    ]),
  );
  const own = { home: stores.store.homeOf(req.sessionID), bucket: bucketOf(req.sessionID) };
  return { status, jobs, rate, inDatabase, inRedis, own };
}
