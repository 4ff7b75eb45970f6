// The comparisons that are drawn as bars. Pure.
import { label, milliseconds, number } from "./tables.mjs";

export function barsOf(name, result) {
  return { writes, visitors, logins, database, memory, growth }[name]?.(result) ?? [];
}

const isOurs = (name) => /^(Holdfast|json|hash)/.test(name);

function writes({ rows, limit }) {
  return [
    {
      title: `Highest rate with p99 under ${limit} ms`,
      unit: "page views a second",
      rows: rows.map(({ name, highest }) => bar(name, highest, number(highest))),
    },
  ];
}

function visitors({ rows }) {
  return [...new Set(rows.map(({ crowd }) => crowd))].map((crowd) => ({
    title: `${crowd}: p95`,
    unit: "less is better",
    rows: rows.filter((row) => row.crowd === crowd).map(({ variant, p95 }) => bar(variant, p95, milliseconds(p95))),
  }));
}

function logins({ rows }) {
  return [...new Set(rows.map(({ storm }) => storm))].map((storm) => ({
    title: `${storm}: login, p95`,
    unit: "less is better",
    rows: rows
      .filter((row) => row.storm === storm)
      .map(({ site, login }) => bar(site, login.p95 ?? 0, milliseconds(login.p95))),
  }));
}

function database({ rows }) {
  return [...new Set(rows.map(({ what }) => what))].map((what) => ({
    title: what,
    unit: "per second",
    rows: rows
      .filter((row) => row.what === what)
      .map(({ variant, rate }) => bar(variant, rate.median, number(rate.median))),
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

function growth({ rows }) {
  return [...new Set(rows.map(({ by }) => by))].map((by) => ({
    title: `By ${by}: the app's processor time for an update`,
    unit: "µs",
    rows: rows
      .filter((row) => row.by === by)
      .map(({ value, update }) => ({ ...bar(number(value), update.cpu, number(update.cpu)), ours: true })),
  }));
}

function bar(name, value, text) {
  return { name: label(name), value, text, ours: isOurs(name) };
}
