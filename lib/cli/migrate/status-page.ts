/** The page that `holdfast migrate status` prints. Pure. */
import type { KnownProcess } from "../../migrate/index.js";
import { isSilent } from "../../migrate/steps/processes.js";
import { bar, count, number, span } from "../words.js";
import { isVerified, type Snapshot } from "./snapshot.js";

/** The number of sessions in a store, or why it is not known. */
export type StoreCount = { readonly name: string } & (
  | {
      readonly sessions: number;
      /** There are more: counting took too long. */
      readonly isAtLeast?: boolean;
      readonly problem?: undefined;
    }
  | { readonly problem: string }
);

export interface StoreCounts {
  readonly legacy?: StoreCount;
  readonly redis: StoreCount;
}

export function statusPage(snapshot: Snapshot, counts: StoreCounts): string[] {
  const lines: [label: string, text: string][] = [["Move", phaseText(snapshot)]];
  if (snapshot.phase !== "off") {
    lines.push(["Dial", dialText(snapshot)], ["Compared", comparedText(snapshot)]);
    if (snapshot.doubt !== undefined)
      lines.push(["In doubt", `${snapshot.doubt} Recent changes may be in only one of the stores.`]);
    if (snapshot.isReturning) lines.push(["Rollback", "begun, not finished"]);
    if (snapshot.isBackfilling) lines.push(["Backfill", "running"]);
    if (snapshot.backfilled !== undefined)
      lines.push(["Backfill", `interrupted after ${count(snapshot.backfilled, "row", "rows")}`]);
    lines.push(["Copies", copiesText(snapshot)]);
  }
  lines.push(["Processes", processesText(snapshot)]);
  for (const process of snapshot.processes) lines.push(["", processText(process, snapshot.version)]);
  lines.push(["Sessions", countText(counts.redis, "keys", "including tombstones of ended sessions")]);
  if (counts.legacy) lines.push(["", countText(counts.legacy, "rows", "including expired ones")]);
  return lines.map(([label, text]) => label.padEnd(11) + text);
}

function phaseText({ phase, dial, startedAt, now }: Snapshot): string {
  if (phase === "off") return "not begun; the app uses only its old store";
  const since = startedAt === undefined ? "" : `, begun ${span(Math.max(0, (now - startedAt) / 1000))} ago`;
  if (phase === "finished") return `finished${since}; only Redis is used`;
  const [step, name] = dial === 100 ? [3, "full"] : dial > 10 ? [2, "gradual"] : [1, "parallel writes"];
  return `phase ${step} of 4, ${name}${since}`;
}

function dialText({ phase, dial, other, isTurning }: Snapshot): string {
  if (phase === "finished") return `${bar(1, 20)} 100; the database is no longer used`;
  const drawn = `${bar(dial / 100, 20)} Redis is the home of ${dial}% of the sessions`;
  if (other === undefined) return drawn;
  return `${drawn}; ${isTurning ? "being turned now," : "a turn was interrupted"} between ${dial} and ${other}`;
}

function comparedText(snapshot: Snapshot): string {
  if (isVerified(snapshot)) return "yes, both stores are equal";
  if (snapshot.phase === "finished" && snapshot.verified !== undefined) return "yes, before the move was finished";
  return snapshot.verified === undefined ? "not yet" : "not since the last step";
}

function copiesText({ phase, pending, unmirrored, processes }: Snapshot): string {
  if (phase === "finished") return "no longer made";
  const overflowed = processes.filter((process) => process.overflowed).length;
  const parts = [
    pending === 0
      ? "no change is waiting to be copied"
      : `${count(pending, "change is", "changes are")} waiting to be copied`,
    unmirrored > 0 && `${count(unmirrored, "session", "sessions")} newer in Redis than in the database`,
    overflowed > 0 &&
      `${count(overflowed, "process has", "processes have")} missed more changes than can be remembered`,
  ];
  return parts.filter(Boolean).join("; ");
}

function processesText({ processes, version }: Snapshot): string {
  if (processes.length === 0) return "no process follows the move";
  const behind = processes.filter((process) => isSilent(process) || process.version < version).length;
  const rest = behind === 0 ? "" : `, ${number(behind)} not up to date`;
  return `${count(processes.length, "process follows", "processes follow")} the move${rest}`;
}

function processText(process: KnownProcess, newest: number): string {
  const { host, pid, version, pending, stuck = [], overflowed, silentFor } = process;
  const parts = [
    `${host} ${pid}`.padEnd(22),
    version >= newest ? "up to date" : "not at the newest step yet",
    pending > 0 && count(pending, "change waiting", "changes waiting"),
    stuck.length > 0 &&
      `${count(stuck.length, "session", "sessions")} rejected by the other store: ${stuck.join(", ")}`,
    overflowed && "missed more changes than it can remember",
    isSilent(process)
      ? `no report for ${span(silentFor)}, considered gone`
      : `last report ${span(Math.max(0, silentFor))} ago`,
  ];
  const [name, ...facts] = parts;
  return `${String(name)} ${facts.filter(Boolean).join(", ")}`;
}

function countText(count: StoreCount, unit: string, remark: string): string {
  if (count.problem !== undefined) return `${count.name}: ${count.problem}`;
  return `${count.isAtLeast ? "more than " : ""}${number(count.sessions)} ${unit} in ${count.name} (${remark})`;
}
