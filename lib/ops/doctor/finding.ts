/** What the doctor reports. Pure. */

/** The checks, in the order of the report. docs/doctor.md has a section for each. */
export const checkIds = [
  "reachable",
  "ping",
  "round-trip",
  "version",
  "password",
  "tls",
  "listening",
  "acl-needed",
  "acl-excess",
  "database",
  "maxmemory",
  "eviction",
  "memory",
  "fragmentation",
  "capacity",
  "expiry",
  "at-rest",
  "aof",
  "snapshots",
  "last-save",
  "replicas",
  "replica-lag",
  "cluster",
  "sentinel",
  "timeout",
  "keep-alive",
  "clients",
  "slow-log",
  "near-cache",
  "migration",
] as const;

/** The stable name of a check. */
export type CheckId = (typeof checkIds)[number];

/**
 * - `bad`: sessions fail or get lost, or strangers can read them, now or soon
 * - `warning`: it works, but a failure, a flood of visitors or an attack would cost more than it has to
 * - `skipped`: this check could not be made; `found` says why
 */
export type Level = "ok" | "warning" | "bad" | "skipped";

/** The result of one check. */
export interface Finding {
  /** A stable name; docs/doctor.md explains it. */
  readonly check: CheckId;
  readonly level: Level;
  /** What was found, in one sentence. Never a session id, a key or a password. */
  readonly found: string;
  /** Why it matters; absent if all is well. */
  readonly why?: string | undefined;
  /** What mends it, if anything does: a command for `redis-cli`, or what to change. */
  readonly remedy?: string | undefined;
  /** The servers that this is about, as `host:port`; absent if it is about all of them. */
  readonly nodes?: readonly string[] | undefined;
}

/** A finding before it is known which check and which servers it belongs to. */
export type Verdict = Omit<Finding, "check" | "nodes">;

export const ok = (found: string): Verdict => ({ level: "ok", found });
export const warning = (found: string, why: string, remedy?: string): Verdict => told("warning", found, why, remedy);
export const bad = (found: string, why: string, remedy?: string): Verdict => told("bad", found, why, remedy);

function told(level: Level, found: string, why: string, remedy: string | undefined): Verdict {
  return { level, found, why, ...(remedy !== undefined && { remedy }) };
}
