/** The page that `holdfast migrate status` prints. Pure. */
import { silence, type KnownProcess } from "../../migrate/control.js";
import { bar, count, number, span } from "../words.js";
import { isVerified, type Standing } from "./standing.js";

/** How many sessions a store has, or why that is not known. */
export interface StoreCount {
  readonly name: string;
  readonly sessions?: number;
  /** There are more; counting was given up. */
  readonly isAtLeast?: boolean;
  readonly problem?: string;
}

export interface StoreCounts {
  readonly legacy?: StoreCount;
  readonly redis: StoreCount;
}

export function statusPage(standing: Standing, counts: StoreCounts): string[] {
  const lines: [label: string, text: string][] = [["Move", phaseText(standing)]];
  if (standing.phase !== "off") {
    lines.push(["Dial", dialText(standing)], ["Compared", comparedText(standing)]);
    if (standing.doubt !== undefined)
      lines.push(["In doubt", `${standing.doubt} Its last changes may be in one store only.`]);
    if (standing.backfilled !== undefined)
      lines.push(["Backfill", `interrupted after ${count(standing.backfilled, "row", "rows")}`]);
    lines.push(["Copies", copiesText(standing)]);
  }
  lines.push(["Processes", processesText(standing)]);
  for (const process of standing.processes) lines.push(["", processText(process, standing.version)]);
  lines.push(["Sessions", countText(counts.redis, "keys", "marks of ended sessions among them")]);
  if (counts.legacy) lines.push(["", countText(counts.legacy, "rows", "expired ones among them")]);
  return lines.map(([label, text]) => label.padEnd(11) + text);
}

function phaseText({ phase, dial, startedAt, now }: Standing): string {
  if (phase === "off") return "not begun; the app uses its old store alone";
  const since = startedAt === undefined ? "" : `, begun ${span(Math.max(0, (now - startedAt) / 1000))} ago`;
  if (phase === "finished") return `finished${since}; Redis alone is asked`;
  const [step, name] = dial === 100 ? [3, "full"] : dial > 10 ? [2, "gradual"] : [1, "parallel running"];
  return `phase ${step} of 4, ${name}${since}`;
}

function dialText({ phase, dial, other }: Standing): string {
  if (phase === "finished") return `${bar(1, 20)} 100; the database is asked no more`;
  const drawn = `${bar(dial / 100, 20)} ${dial} of 100 sessions have their home in Redis`;
  return other === undefined ? drawn : `${drawn}; left half way between ${dial} and ${other}`;
}

function comparedText(standing: Standing): string {
  if (isVerified(standing)) return "yes, both stores have the same";
  if (standing.phase === "finished" && standing.verified !== undefined) return "yes, before the end";
  return standing.verified === undefined ? "not yet" : "not since the last step";
}

function copiesText({ phase, pending, unmirrored, processes }: Standing): string {
  if (phase === "finished") return "none are made any more";
  const overflowed = processes.filter((process) => process.overflowed).length;
  const parts = [
    pending === 0 ? "no change waits for its copy" : `${count(pending, "change waits", "changes wait")} for a copy`,
    unmirrored > 0 && `${count(unmirrored, "session", "sessions")} newer in Redis than in the database`,
    overflowed > 0 && `${count(overflowed, "process has", "processes have")} missed more than it can remember`,
  ];
  return parts.filter(Boolean).join("; ");
}

function processesText({ processes, version }: Standing): string {
  if (processes.length === 0) return "none follows the move";
  const behind = processes.filter((process) => process.silentFor >= silence || process.version < version).length;
  const rest = behind === 0 ? "" : `, ${number(behind)} of them not up to date`;
  return `${count(processes.length, "process follows", "processes follow")} the move${rest}`;
}

function processText({ host, pid, version, pending, overflowed, silentFor }: KnownProcess, newest: number): string {
  const parts = [
    `${host} ${pid}`.padEnd(22),
    version >= newest ? "up to date" : "on its way to the newest step",
    pending > 0 && count(pending, "change waits", "changes wait"),
    overflowed && "missed more than it can remember",
    silentFor >= silence
      ? `silent for ${span(silentFor)}: it counts as gone`
      : `heard ${span(Math.max(0, silentFor))} ago`,
  ];
  const [name, ...facts] = parts;
  return `${String(name)} ${facts.filter(Boolean).join(", ")}`;
}

function countText({ name, sessions, isAtLeast, problem }: StoreCount, unit: string, remark: string): string {
  if (problem !== undefined || sessions === undefined) return `${name}: ${problem ?? "not counted"}`;
  return `${isAtLeast ? "more than " : ""}${number(sessions)} ${unit} in ${name} (${remark})`;
}
