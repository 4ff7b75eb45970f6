// The tables of what a session costs, for the documents and the terminal alike. Pure.
import { label, number } from "../loadtest/report/tables.mjs";
import { inWords } from "../machine.mjs";
import { compareParts } from "./profile-parts.mjs";
import { compare } from "./targets.mjs";

/** @param results by part @returns tables, each with an id that the documents' markers name */
export function storeTables(results) {
  const makers = { variants, growth, overlap, nodes, profile, "profile-updates": profileUpdates };
  return Object.entries(results).flatMap(([part, result]) => makers[part](result));
}

/** What a part was measured on, and how. */
export function captionOf({ machine, servers = [], method, builds }) {
  const others = servers.filter((server) => !server.startsWith("Redis"));
  const { rounds, slice, visitors, crowd } = method;
  const slices = `${rounds} slices of ${slice} ms for each figure, ${number(visitors)} visitors unless told otherwise`;
  const how = crowd ? `${rounds} times ${crowd} saves at once` : slices;
  const [before, now] = [builds?.other, builds?.this].map((build) => build && `\`${build}\``);
  const which = before ? ` "Other build" is that of commit ${before}; the present one is of ${now}.` : "";
  return `Measured on ${[inWords(machine), ...others].join("; ")}; ${how}.${which}`;
}

const pageTitles = { read: "A page that reads", write: "A page view that writes" };
const fixed = (value) => value.toFixed(2);
/** With the middle half, but of what is 1 by definition. */
function both(spread) {
  if (!spread) return "";
  const { median, middle } = spread;
  return middle[0] === middle[1] ? fixed(median) : `${fixed(median)} (${middle.map(fixed).join(" – ")})`;
}
const whole = (spread) => (spread ? number(spread.median) : "");
const plain = (digits) => (value) => (typeof value === "number" ? value.toFixed(digits) : "");

const pageColumns = {
  "CPU, µs": ["cpu", whole],
  "of it the session, µs": ["cost", whole],
  "to connect-redis": ["costRatio", both],
  "to the floor": ["floorRatio", both],
  "requests/s, to connect-redis": ["rateRatio", both],
  commands: ["commands", plain(2)],
  "round trips": ["trips", plain(2)],
  "ms, server 1 ms away": ["latency", plain(1)],
  "log bytes, to connect-redis": ["bytesRatio", plain(2)],
};
const updateColumns = {
  "updates/s": ["rate", whole],
  "to connect-redis": ["rateRatio", both],
  "CPU, µs": ["cpu", whole],
};

function variants(results) {
  const pages = Object.keys(pageTitles).map((page) => ({
    id: page,
    title: `${pageTitles[page]}, per request`,
    ...table(results[page], pageColumns),
  }));
  const updates = {
    id: "updates",
    title: "Updates of the store without HTTP",
    ...table(results.updates, updateColumns),
  };
  return [...pages, updates, atRest(results), ...targets(results)];
}

const ofAtRest = [
  "json",
  "json, encrypted",
  "json, compressed and encrypted",
  "json, ids hashed",
  "hash",
  "hash, encrypted",
];

/** What the options `encrypt` and `hashIds` cost. */
function atRest({ read, write }) {
  const names = ofAtRest.filter((name) => read[name] && write[name]);
  return {
    id: "at-rest",
    title: "The processor time of a session, and what Redis writes to its log",
    head: ["", "a page that reads, µs", "a page view that writes, µs", "log bytes of the latter, to connect-redis"],
    rows: names.map((name) => [
      label(name),
      ...[read, write].map((page) => whole(page[name].cost)),
      plain(2)(write[name].bytesRatio),
    ]),
  };
}

function table(rows, columns) {
  return {
    head: ["", ...Object.keys(columns)],
    rows: Object.entries(rows).map(([name, row]) => [
      label(name),
      ...Object.values(columns).map(([figure, format]) => format(row[figure])),
    ]),
  };
}

export const doing = { read: "reading", write: "writing", updates: "updates without HTTP" };
export const figures = {
  floorRatio: "CPU of a session, to the floor",
  rateRatio: "throughput, to connect-redis",
  commands: "commands",
  trips: "round trips",
  bytesRatio: "log bytes, to connect-redis",
};
const met = ({ reached }) => (reached ? "met" : "**missed**");

function targets(results) {
  const rows = compare(results);
  const row = (one) => [
    label(one.variant),
    doing[one.page],
    figures[one.figure],
    one.target,
    fixed(one.value),
    ...(one.middle ? [one.middle.map(fixed).join(" – ")] : []),
    met(one),
  ];
  const head = ["", "", "", "target", "measured"];
  return [
    {
      id: "targets",
      title: "What was to be reached in time",
      head: [...head, "middle half", ""],
      rows: rows.filter(({ middle }) => middle).map(row),
    },
    {
      id: "counts",
      title: "What was to be reached in what is sent",
      head: [...head, ""],
      rows: rows.filter(({ middle }) => !middle).map(row),
    },
  ];
}

function growth({ rows }) {
  return Object.keys(pageTitles).map((page) => {
    const names = Object.keys(rows[0][page]).slice(3);
    return {
      id: `growth-${page}`,
      title: `${pageTitles[page]}: CPU of a session`,
      head: [
        "",
        "connect-redis, µs",
        "floor, µs",
        "floor, to connect-redis",
        ...names.flatMap((name) =>
          ["to connect-redis", "to the floor", "requests/s, to connect-redis"].map(
            (figure) => `\`${name}\`, ${figure}`,
          ),
        ),
      ],
      rows: rows.map(({ name: situation, [page]: one }) => [
        situation,
        whole(one["connect-redis"].cost),
        whole(one.floor.cost),
        both(one.floor.costRatio),
        ...names.flatMap((name) => [one[name].costRatio, one[name].floorRatio, one[name].rateRatio].map(both)),
      ]),
    };
  });
}

const overlapColumns = {
  "commands a save, at most": ["commandsAtMost", plain(2)],
  "changes kept": ["kept", (share) => `${Number((100 * share).toFixed(2))} %`],
  "saves/s": ["rate", whole],
  "CPU of a save, µs": ["cpu", whole],
};

function overlap({ rows, method }) {
  const title = `${method.crowd} saves of one session at once, in one process`;
  return [{ id: "overlap", title, ...table(rows, overlapColumns) }];
}

function nodes({ rows }) {
  return Object.keys(pageTitles).map((page) => ({
    id: `nodes-${page}`,
    title: pageTitles[page],
    head: ["", "Node.js", "CPU, µs", "of it the session, µs", "to connect-redis", "to the floor"],
    rows: Object.keys(rows[0][page]).flatMap((name) =>
      rows.map(({ node, [page]: one }) => [
        label(name),
        node,
        whole(one[name].cpu),
        whole(one[name].cost),
        both(one[name].costRatio),
        both(one[name].floorRatio),
      ]),
    ),
  }));
}

/** Microseconds; what stays below half of one is added up. */
function profile(results) {
  return Object.keys(pageTitles).map((page) => ({
    id: `profile-${page}`,
    title: `${pageTitles[page]}: microseconds of the main thread per request`,
    ...partsTable(results[page], 0.5),
  }));
}

function profileUpdates({ columns }) {
  const title = "Updates of the store without HTTP: microseconds of the main thread per update";
  // The benchmark's own code stands where a page would.
  const named = columns.map(({ name, parts: { "the page": own = 0, ...parts } }) => ({
    name,
    parts: { ...parts, "the benchmark": own },
  }));
  return [{ id: "profile-updates", title, ...partsTable(named, 0.5) }];
}

/** @param columns `{ name, parts }` of each profile */
export function partsTable(columns, least) {
  return {
    head: ["", ...columns.map(({ name }) => label(name))],
    rows: compareParts(
      columns.map(({ parts }) => parts),
      least,
    ).map(({ name, values }) => [name, ...values.map((value) => value.toFixed(1))]),
  };
}
