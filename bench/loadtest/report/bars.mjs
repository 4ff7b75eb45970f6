// The comparisons that are drawn as bars. Pure.
import { familyOf } from "./families.mjs";
import { label, milliseconds, number } from "./tables.mjs";

/** @returns `{ title, unit, rows }`; each row has a name, a value, the value in words, and whose it is */
export function barsOf(name, result) {
  return { writes, visitors, logins, database, memory }[name]?.(result) ?? [];
}

function writes({ rows, wanted, limit }) {
  const counted = rows.filter(({ lost }) => lost !== undefined);
  return [
    {
      title: `Answered, of ${number(wanted)} page views a second`,
      unit: "per second",
      rows: rows.map(({ name, reached }) => bar(name, reached, number(reached))),
    },
    {
      title: "Lost updates",
      unit: "answered, and not in the session afterwards; less is better",
      rows: counted.map(({ name, lost }) => bar(name, lost, number(lost))),
    },
    {
      title: `Highest rate with p99 under ${limit} ms`,
      unit: "page views a second",
      rows: rows.map(({ name, highest }) => bar(name, highest, highest === 0 ? "none" : number(highest))),
    },
  ];
}

function visitors({ rows }) {
  return groups(rows, "crowd").map(([crowd, each]) => ({
    title: `${crowd}: p95`,
    unit: "less is better",
    rows: each.map(({ variant, p95 }) => bar(variant, p95, milliseconds(p95))),
  }));
}

function logins({ rows }) {
  return groups(rows, "storm").map(([storm, each]) => ({
    title: `${storm}: login, p95`,
    unit: "less is better",
    rows: each.map(({ site, login }) => bar(site, login.p95 ?? 0, milliseconds(login.p95) || "none")),
  }));
}

function database({ rows }) {
  return groups(rows, "what").map(([what, each]) => ({
    title: what,
    unit: "per second",
    rows: each.map(({ variant, rate }) => bar(variant, rate.median, number(rate.median))),
  }));
}

function memory({ rows }) {
  return [
    {
      title: "Bytes per session",
      unit: "less is better",
      rows: rows.map(({ variant, bytes }) => bar(variant, bytes, number(bytes))),
    },
  ];
}

/** In the order in which they first appear. */
export function groups(rows, name) {
  const each = new Map();
  for (const row of rows) each.set(row[name], [...(each.get(row[name]) ?? []), row]);
  return [...each];
}

export function bar(name, value, text) {
  return { name: label(name), value, text, family: familyOf(name) };
}
