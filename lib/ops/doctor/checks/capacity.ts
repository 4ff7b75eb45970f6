/** How many more sessions of the present size fit, and how many would if they were compressed. Pure. */
import { skipped } from "../facts/answer.js";
import type { NodeFacts } from "../facts/facts.js";
import { isLive } from "../facts/keys.js";
import type { PackingTrial } from "../facts/packing-trial.js";
import type { Info } from "../facts/server.js";
import { ok, warning, type Verdict } from "../finding.js";
import { bytes, count, number } from "../words.js";
import { amount, roomOf } from "./room.js";

export function capacity({ info, keys, connection }: NodeFacts): Verdict {
  if (info.problem) return skipped(info.problem);
  if (keys.problem && keys.seen === 0) return skipped(keys.problem);
  const live = keys.sessions.filter(isLive);
  const refused = live.find(({ bytes }) => bytes.problem)?.bytes.problem;
  if (refused) return skipped(refused);
  const sizes = live.flatMap((session) => session.bytes.value ?? []).toSorted((a, b) => a - b);
  if (sizes.length === 0) return ok("there are no sessions to measure");
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const median = sizes[Math.floor(sizes.length / 2)]!;
  const { room, name } = roomOf(info.value);
  const left = room - amount(info.value, "used_memory");
  const more = Math.max(0, Math.floor(left / mean));
  const share = live.length / keys.sessions.length;
  const all = keys.isComplete
    ? keys.counts.session
    : (keys.counts.session / keys.seen) * Math.max(keys.seen, keysIn(info.value, connection.database));
  const now = all * share;
  const about = keys.isComplete ? "" : "about ";
  const found = `${about}${count(now, "session", "sessions")} of ${bytes(mean)} (median ${bytes(median)}, ${number(sizes.length)} measured); ${number(more)} more fit into ${name}`;
  const compressed = ifCompressed(keys.packing, { mean, now, left });
  if (more >= now / 4) return ok(found + compressed);
  return warning(
    found + compressed,
    "A quarter more visitors than now, and writes are refused.",
    `${compressed ? "Set `compress`, raise" : "Raise"} maxmemory, shorten the lifetime of first visits (\`firstVisitTtl\`), or store less per session.`,
  );
}

/** The share of the memory that has to be saved: strings from about 1 KB, and hashes from about 5 KB, save as much. */
const worthwhile = 1 / 3;

/** What the option `compress` would bring, if it is much; else nothing. */
function ifCompressed(
  trial: PackingTrial | undefined,
  { mean, now, left }: { mean: number; now: number; left: number },
): string {
  const share = trial ? trial.saved / trial.bytes : 0;
  if (!trial || share < worthwhile) return "";
  const smaller = mean * (1 - share);
  const more = Math.max(0, (left + now * (mean - smaller)) / smaller);
  return (
    `; with the option \`compress\` (docs/storage.md), one would take about ${bytes(smaller)} ` +
    `(${number(trial.tried)} tried), and about ${number(Number(more.toPrecision(2)))} more would fit`
  );
}

/** `db0:keys=12,expires=10,avg_ttl=0` */
function keysIn(lines: Info, database: number): number {
  return Number(/keys=(\d+)/.exec(lines[`db${database}`] ?? "")?.[1] ?? 0);
}
