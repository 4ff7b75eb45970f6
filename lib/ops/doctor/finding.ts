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
  /** What mends it, in words, if anything does. */
  readonly remedy?: string | undefined;
  /**
   * The commands that do it, or show more, to be pasted as they are, in this order: into `redis-cli` on the servers that
   * this is about, or into a shell if they begin with `npx` or `redis-cli`. Absent if there are none.
   */
  readonly commands?: readonly string[] | undefined;
  /** The servers that this is about, as `host:port`; absent if it is about all of them. */
  readonly nodes?: readonly string[] | undefined;
}

/** A finding before it is known which check and which servers it belongs to. */
export type Verdict = Omit<Finding, "check" | "nodes">;

/** What mends a finding: words, which may say all of it, and commands. */
export type Remedy = Required<Pick<Finding, "remedy">> & Pick<Finding, "commands">;

export const ok = (found: string): Verdict => ({ level: "ok", found });
export const warning = (found: string, why: string, how?: string | Remedy): Verdict => told("warning", found, why, how);
export const bad = (found: string, why: string, how?: string | Remedy): Verdict => told("bad", found, why, how);

function told(level: Level, found: string, why: string, how: string | Remedy | undefined): Verdict {
  if (how === undefined || typeof how === "string") return { level, found, why, ...(how && { remedy: how }) };
  const { remedy, commands = [] } = how;
  return { level, found, why, remedy, ...(commands.length > 0 && { commands }) };
}
