// The tables of the backfill, for the documents and the terminal alike. Pure.
import { megabytes, number } from "../loadtest/report/tables.mjs";
import { inWords } from "../machine.mjs";
import { median } from "../statistics.mjs";
import { isOurs } from "../store/profile-parts.mjs";

/** Of the slower of the two; bytes of memory. */
export const backfillTargets = { ratio: 0.7, memory: 150 * 2 ** 20 };
const ways = {
  copy: "PostgreSQL alone: `COPY … TO STDOUT`",
  pipe: "Redis alone: `redis-cli --pipe`",
  backfill: "`backfill`",
};

/** @returns tables, each with an id that the documents' markers name */
export function backfillTables({ copy: result }) {
  return [speed(result), processes(result), parts(result)];
}

export function captionOf({ machine, postgres, rounds, count, bytes }) {
  const how = `each figure is the median of ${rounds.length} rounds with ${number(count)} sessions of ${number(bytes)} bytes`;
  return `Measured on ${inWords(machine)}, ${postgres}; ${how}.`;
}

/** What is held against the targets. */
export function backfillFigures({ rounds }) {
  const slower = ({ copy, pipe }) => Math.min(copy.rate, pipe.rate);
  return {
    ratio: median(rounds.map((round) => round.backfill.rate / slower(round))),
    memory: Math.max(...rounds.map(({ backfill }) => backfill.memory.most)),
  };
}

/** Whether the targets are met, and where the time of the process goes. */
export function backfillVerdict({ rounds, parts: times }) {
  const { ratio, memory } = backfillFigures({ rounds });
  const met = (isMet) => (isMet ? "met" : "missed");
  const all = Object.values(times).reduce((sum, one) => sum + one, 0);
  const ours = Object.entries(times).reduce((sum, [name, one]) => sum + (isOurs(name) ? one : 0), 0);
  const share = (time) => `${Math.round((100 * time) / all)} %`;
  const largest = Object.entries(times)
    .filter(([name]) => !isOurs(name))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, time]) => `${name} ${share(time)}`);
  return (
    `**The target for speed is ${met(ratio >= backfillTargets.ratio)}** (${ratio.toFixed(2)}, at least ` +
    `${backfillTargets.ratio}), **and that for memory is ${met(memory < backfillTargets.memory)}** ` +
    `(${megabytes(memory)} at most, under ${megabytes(backfillTargets.memory)}). Of the time of the process' main thread: ` +
    `${largest.join(", ")}; code of Holdfast ${share(ours)}.`
  );
}

function speed({ rounds }) {
  const { ratio, memory } = backfillFigures({ rounds });
  return {
    id: "speed",
    title: "Rows per second, by turns",
    head: ["", "median", "lowest – highest", "times the slower of the two", "memory at most"],
    rows: Object.entries(ways).map(([way, name]) => {
      const rates = rounds.map((round) => round[way].rate);
      const isBackfill = way === "backfill";
      return [
        name,
        number(median(rates)),
        [Math.min(...rates), Math.max(...rates)].map(number).join(" – "),
        isBackfill ? `${ratio.toFixed(2)} (target: ${backfillTargets.ratio})` : "",
        isBackfill ? megabytes(memory) : "",
      ];
    }),
  };
}

function processes({ rounds }) {
  const columns = { postgres: "PostgreSQL", redis: "Redis", process: "the process" };
  const time = (way, name) => median(rounds.map((round) => round[way].cpu[name]));
  return {
    id: "processes",
    title: "Processor time per row",
    head: ["", ...Object.values(columns)],
    rows: Object.entries(ways).map(([way, label]) => [
      label,
      ...Object.keys(columns).map((name) => (time(way, name) >= 0.05 ? `${time(way, name).toFixed(1)} µs` : "")),
    ]),
  };
}

function parts({ parts: times }) {
  const least = 0.3; // microseconds
  const all = Object.values(times).reduce((sum, one) => sum + one, 0);
  const sorted = Object.entries(times).toSorted(([, a], [, b]) => b - a);
  const small = sorted.filter(([, one]) => one < least);
  const rest = small.reduce((sum, [, one]) => sum + one, 0);
  const shown = [...sorted.filter(([, one]) => one >= least), ["the rest", rest], ["all", all]];
  return {
    id: "parts",
    title: "The main thread of the process, per row",
    head: ["", "processor time", "share"],
    rows: shown.map(([name, one]) => [name, `${one.toFixed(1)} µs`, `${Math.round((100 * one) / all)} %`]),
  };
}
