// The tables of the backfill, for the documents and the terminal alike. Pure.
import { megabytes, number } from "../loadtest/report/tables.mjs";
import { inWords } from "../machine.mjs";
import { median } from "../statistics.mjs";

const target = 0.7;
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

function speed({ rounds }) {
  const slower = ({ copy, pipe }) => Math.min(copy.rate, pipe.rate);
  const memory = rounds.map(({ backfill }) => backfill.memory);
  return {
    id: "speed",
    title: "Rows per second, by turns",
    head: ["", "median", "lowest – highest", "times the slower of the two", "memory at most"],
    rows: Object.entries(ways).map(([way, name]) => {
      const rates = rounds.map((round) => round[way].rate);
      const ratio = median(rounds.map((round) => round[way].rate / slower(round)));
      const isOurs = way === "backfill";
      return [
        name,
        number(median(rates)),
        [Math.min(...rates), Math.max(...rates)].map(number).join(" – "),
        isOurs ? `${ratio.toFixed(2)} (target: ${target})` : "",
        isOurs ? megabytes(Math.max(...memory.map(({ most }) => most))) : "",
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
