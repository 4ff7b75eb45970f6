// The tables of each scenario, for the documents and the report alike. Pure.
import { markdownTable } from "../../markdown.mjs";

/** @returns tables, each with an id that the documents' markers name */
export function tablesOf(results) {
  const makers = { writes, visitors, logins, database, memory, growth };
  return Object.entries(results).flatMap(([name, result]) => makers[name]?.(result) ?? []);
}

function writes({ rows, wanted, limit }) {
  return [
    {
      id: "writes",
      title: `${number(wanted)} page views a second are asked for, each of which writes the session`,
      head: [
        "",
        "answered per second",
        "success",
        "mean",
        "p50",
        "p95",
        "p99",
        "lost updates",
        `highest rate with p99 under ${limit} ms`,
        "answered per second, all rounds",
      ],
      rows: rows.map(({ name, reached, success, mean, p50, p95, p99, lost, highest, range }) => [
        name,
        number(reached),
        percent(success),
        ...[mean, p50, p95, p99].map(milliseconds),
        lost === undefined ? "" : number(lost),
        highest === 0 ? "none" : number(highest),
        range ? [range.reached.least, range.reached.most].map(number).join(" – ") : "",
      ]),
    },
  ];
}

function visitors({ rows }) {
  return [...new Set(rows.map(({ crowd }) => crowd))].map((crowd, index) => ({
    id: `visitors-${index + 1}`,
    title: crowd,
    head: ["", "pages per second", "mean", "p50", "p95", "p99", "longest", "failed", "lost updates"],
    rows: rows
      .filter((row) => row.crowd === crowd)
      .map(({ variant, requests, seconds, mean, p50, p95, p99, longest, failed, lost }) => [
        label(variant),
        number(requests / seconds),
        ...[mean, p50, p95, p99, longest].map(milliseconds),
        number(failed),
        number(lost),
      ]),
  }));
}

function logins({ rows, seconds, arrivalsPerSecond }) {
  return [
    {
      id: "logins",
      title: `${arrivalsPerSecond} visitors arrive each second; ${seconds} s for each row`,
      head: [
        "visitors",
        "sessions in",
        "logins",
        "logins that succeed",
        "login p50",
        "login p95",
        "longest",
        "requests that succeed",
        "5xx or no answer",
        "Redis at most",
      ],
      rows: rows.map(({ storm, site, logins: count, loginSuccess, login, requestSuccess, serverErrors, memory }) => [
        storm,
        site === "Holdfast" ? "Redis, Holdfast" : `PostgreSQL, ${site}`,
        number(count),
        percent(loginSuccess),
        ...[login.p50, login.p95, login.longest].map(milliseconds),
        percent(requestSuccess),
        number(serverErrors),
        site === "Holdfast" ? megabytes(Math.max(...memory)) : "",
      ]),
    },
    {
      id: "crowd",
      title: "The page views of the crowd meanwhile",
      head: ["visitors", "sessions in", "wanted per second", "answered per second", "p50", "p99", "longest"],
      rows: rows
        .filter(({ meanwhile }) => meanwhile)
        .map(({ storm, site, meanwhile: { wanted, reached, p50, p99, longest } }) => [
          storm,
          site === "Holdfast" ? "Redis, Holdfast" : `PostgreSQL, ${site}`,
          number(wanted),
          number(reached),
          ...[p50, p99, longest].map(milliseconds),
        ]),
    },
  ];
}

function database({ rows, reference }) {
  return [...new Set(rows.map(({ what }) => what))].map((what) => ({
    id: `database-${what.replaceAll(/[^a-z]+/g, "-")}`,
    title: what,
    head: ["", "per second", `times ${reference}`, "middle half", "mean", "p99", "processor time of the app"],
    rows: rows
      .filter((row) => row.what === what)
      .map(({ variant, rate, rateRatio, mean, p99, cpu }) => [
        label(variant),
        number(rate.median),
        rateRatio.median.toFixed(2),
        rateRatio.middle.map((bound) => bound.toFixed(2)).join(" – "),
        mean ? milliseconds(mean.median) : "",
        p99 ? milliseconds(p99.median) : "",
        `${number(cpu.median)} µs`,
      ]),
  }));
}

function memory({ rows, count, budget, jsonBytes }) {
  const hasFirst = rows.some(({ cpu }) => cpu?.first !== undefined);
  const time = (cpu, name) => (cpu?.[name] === undefined ? "" : `${number(cpu[name])} µs`);
  return [
    {
      id: "memory",
      title: `${number(count)} sessions of ${number(jsonBytes)} bytes of JSON`,
      head: [
        "",
        "bytes per session, all included",
        `fit into ${megabytes(budget)}`,
        "update",
        "look-up",
        ...(hasFirst ? ["look-up for the first time"] : []),
      ],
      rows: rows.map(({ variant, bytes, fit, cpu }) => [
        label(variant),
        number(bytes),
        fit === undefined ? "" : number(fit),
        time(cpu, "update"),
        time(cpu, "get"),
        ...(hasFirst ? [time(cpu, "first")] : []),
      ]),
    },
  ];
}

function growth({ rows, workers }) {
  return [...new Set(rows.map(({ by }) => by))].map((by) => ({
    id: `growth-${by.split(" ")[0]}`,
    title: by === "processes" ? "processes, 1,000 page views a second over HTTP" : `${by}, ${workers} at a time`,
    head: [by, "app's time, update", "middle half", "mean", "p99", "commands", "app's time, look-up", "bytes in Redis"],
    rows: rows
      .filter((row) => row.by === by)
      .map(({ value, update, get, commands, bytes }) => [
        number(value),
        `${number(update.cpu)} µs`,
        update.cpuMiddle ? update.cpuMiddle.map(number).join(" – ") : "",
        milliseconds(update.mean),
        milliseconds(update.p99),
        commands === undefined ? "" : commands.toFixed(1),
        get ? `${number(get.cpu)} µs` : "",
        bytes === undefined ? "" : number(bytes),
      ]),
  }));
}

export function label(variant) {
  return /^(json|hash)/.test(variant) ? `Holdfast, ${variant}` : variant;
}

export function markdown({ head, rows }) {
  return markdownTable([head, ...rows]).join("\n");
}

export const number = (value) => Math.round(value).toLocaleString("en-US");

/** Never rounded up to 100 %. */
export const percent = (share) => `${share === 1 ? "100" : (Math.floor(share * 10_000) / 100).toFixed(2)} %`;

export function milliseconds(value) {
  if (value === null || value === undefined) return "";
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

export const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MB`;
