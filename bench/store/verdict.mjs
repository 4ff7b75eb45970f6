// Which targets are met and which are missed, and what the time of a missed one goes to: in sentences. Pure.
import { backfillFigures, backfillTargets } from "../backfill/tables.mjs";
import { label, megabytes } from "../loadtest/report/tables.mjs";
import { ours, isOurs } from "./profile-parts.mjs";
import { compare } from "./targets.mjs";
import { doing, figures } from "./tables.mjs";

/** @returns lines of Markdown */
export function verdict({ variants, overlap }, { copy }) {
  const rows = [...compare(variants), ...compareOverlap(overlap), ...compareBackfill(copy)].map(inWords);
  const missed = rows.filter(({ reached }) => !reached);
  if (missed.length === 0) return `**All ${rows.length} targets are met.**`;
  const lines = missed.map(({ what, value, target }) => `- ${what}: ${value} (target: ${target})`);
  return [`**Of ${rows.length} targets, ${rows.length - missed.length} are met.** Missed:`, "", ...lines].join("\n");
}

function inWords({ what, variant, page, figure, value, target, reached }) {
  const name = what ?? `${label(variant)}, ${doing[page]}: ${figures[figure]}`;
  return { what: name, value: typeof value === "number" ? value.toFixed(2) : value, target, reached };
}

/** Commands that each of 400 overlapping saves may cost. */
const mostCommands = 3;

function compareOverlap({ rows, method }) {
  return Object.entries(rows)
    .filter(([variant]) => variant !== "connect-redis")
    .map(([variant, { commandsAtMost }]) => ({
      what: `${label(variant)}, ${method.crowd} overlapping saves: commands a save`,
      value: commandsAtMost,
      target: `≤ ${mostCommands}`,
      reached: commandsAtMost <= mostCommands,
    }));
}

function compareBackfill(copy) {
  const { ratio, memory } = backfillFigures(copy);
  return [
    {
      what: "backfill: speed, to the slower of `COPY` and `redis-cli --pipe`",
      value: ratio,
      target: `≥ ${backfillTargets.ratio}`,
      reached: ratio >= backfillTargets.ratio,
    },
    {
      what: "backfill: memory",
      value: megabytes(memory),
      target: `under ${megabytes(backfillTargets.memory)}`,
      reached: memory < backfillTargets.memory,
    },
  ];
}

/** A part that takes less than this share more is not named. */
const notable = 0.03;

/** What an update of the store takes more than with the first column, and less. @param columns of the part profile-updates */
export function updatesSentences({ columns: [reference, ...others] }) {
  const sum = (parts) => Object.values(parts).reduce((total, one) => total + one, 0);
  const whole = sum(reference.parts);
  return others
    .map(({ name, parts }) => {
      const grouped = [reference.parts, parts].map(together);
      const names = [...new Set(grouped.flatMap((one) => Object.keys(one)))];
      const differences = names
        .map((part) => ({ part, more: (grouped[1][part] ?? 0) - (grouped[0][part] ?? 0) }))
        .filter(({ more }) => Math.abs(more) >= notable * whole)
        .toSorted((a, b) => b.more - a.more)
        .map(({ part, more }) => `${part} ${more > 0 ? "+" : "−"}${Math.abs(more).toFixed(0)}`);
      return `- ${label(name)}: ${sum(parts).toFixed(0)} µs, ${reference.name} ${whole.toFixed(0)}. Of the difference, in µs: ${differences.join("; ")}.`;
    })
    .join("\n");
}

/** Ours is one part. */
function together(parts) {
  const sums = {};
  for (const [part, time] of Object.entries(parts)) {
    const name = isOurs(part) ? ours : part;
    sums[name] = (sums[name] ?? 0) + time;
  }
  return sums;
}
