// What is said of many sessions in the documents: the command within its limits, and the console. Pure.
import { megabytes, number } from "../loadtest/report/tables.mjs";
import { inWords } from "../machine.mjs";

/** Bytes of memory, and milliseconds that a PING of another client may take while the command runs. */
export const sessionsTargets = { bytes: 100 * 2 ** 20, longest: 20 };

/** The row for comparison, while nothing runs. */
export const nothing = "nothing, for comparison";

/** @returns tables, each with an id that the documents' markers name */
export function sessionsTables(results) {
  return Object.entries(results).map(([layout, { rows, pages, count }]) => ({
    id: layout,
    title: `${number(count)} sessions, layout \`${layout}\``,
    head: ["", "time", "memory", "PING p50", "PING p99", "longest PING"],
    rows: [
      ...rows.map((row) => cells(row.name === nothing ? nothing : `\`${row.name}\``, row)),
      ...pages.map((page) => cells(`console: ${page.name}`, page)),
    ],
  }));
}

/** Without bytes, nothing ran. */
function cells(label, { bytes, p50, p99, longest, ...row }) {
  const used = bytes === undefined ? ["", ""] : [`${seconds(row)} s`, bytes > 0 ? megabytes(bytes) : ""];
  return [label, ...used, ...[p50, p99, longest].map((one) => `${one.toFixed(1)} ms`)];
}

export function captionOf({ machine, servers, realtime }) {
  const order = realtime ? "; Redis and the other client were scheduled before everything else" : "";
  return `Measured on ${inWords(machine, servers)}${order}.`;
}

/** Whether the command stays within its limits, in each layout. */
export function commandVerdict(results) {
  const all = Object.entries(results).flatMap(([layout, { rows }]) =>
    rows.filter(({ name }) => name !== nothing).map((row) => ({ ...row, layout })),
  );
  const targets = [
    ["bytes", "memory", megabytes],
    ["longest", "longest PING", (one) => `${Math.ceil(one)} ms`],
  ];
  const sentences = targets.map(([figure, name, inUnits]) => {
    const most = Math.max(...all.map((row) => row[figure]));
    const over = all.filter((row) => row[figure] >= sessionsTargets[figure]);
    const limit = `under ${inUnits(sessionsTargets[figure])}`;
    if (over.length === 0) return `The target for the ${name} is met (at most ${inUnits(most)}, ${limit}).`;
    const where = over.map((row) => `\`${row.name}\` with \`${row.layout}\` ${inUnits(row[figure])}`).join(", ");
    return `The target for the ${name} (${limit}) is missed: ${where}.`;
  });
  return sentences.join(" ");
}

/** How long the pages of the console take, in the layout `json`. */
export function consoleSentences({ json: { pages, count, machine, servers } }) {
  const of = (wanted) => seconds(pages.find(({ name }) => name === wanted));
  const longest = Math.ceil(Math.max(...pages.map((page) => page.longest)));
  const most = Math.max(...pages.map(({ bytes }) => bytes));
  return [
    `Among ${number(count)} sessions, the list shows its first hundred after ${of("the list")} s. Where all sessions have`,
    `to be scanned, rows appear as they are found: one session by its hash took ${of("one by its hash")} s, those of a user`,
    `${of("of a user")} s, all above a size ${of("above a size")} s. Meanwhile, no PING of another client took longer than`,
    `${longest} ms, and the app's process had at most ${megabytes(most)}. (${inWords(machine, servers)}.)`,
  ].join(" ");
}

function seconds({ seconds: took }) {
  return took < 1 ? took.toFixed(1) : number(Math.round(took));
}
