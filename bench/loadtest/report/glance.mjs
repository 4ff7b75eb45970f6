// The top of the report: before and after, the few comparisons that somebody asks for first. Pure.
import { bar } from "./bars.mjs";
import { milliseconds, number } from "./tables.mjs";

/** `after` is what `before` is compared with in the sentence. */
const [before, after] = ["connect-pg-simple", "Holdfast"];

/** @returns `{ title, unit, rows, says }`, of what was measured */
export function glanceOf({ writes, visitors, logins, database, memory }) {
  return [
    ...(writes ? [answered(writes), lost(writes)] : []),
    ...(database ? [updates(database)] : []),
    ...(visitors ? [waiting(visitors)] : []),
    ...(logins ? storms(logins) : []),
    ...(memory ? [bytes(memory)] : []),
  ];
}

function answered({ rows, wanted }) {
  const shown = ofTwoProcesses(rows).map(({ name, reached }) => bar(name, reached, number(reached)));
  return {
    title: `Page views that write, of ${number(wanted)} a second`,
    unit: "answered per second",
    rows: shown,
    says: times(shown, "as many as"),
  };
}

function lost({ rows }) {
  const shown = ofTwoProcesses(rows).map(({ name, lost: count }) => bar(name, count, number(count)));
  const ours = shown.find(({ name }) => name === after);
  const others = shown.filter(({ name }) => name !== after && !name.startsWith(after));
  const most = Math.max(0, ...others.map(({ value }) => value));
  const said = ours?.value === 0 ? `${after} lost none.` : `${after} lost ${ours?.text}.`;
  return {
    title: "Updates lost meanwhile",
    unit: "answered, and not in the session afterwards",
    rows: shown,
    says: most > 0 ? `${said} A store that overwrites the whole session lost up to ${number(most)}.` : said,
  };
}

function updates({ rows }) {
  const shown = rows
    .filter(({ what, variant }) => what === "update" && variant !== "hash")
    .map(({ variant, rate }) => bar(shortOf(variant), rate.median, number(rate.median)));
  return {
    title: "Updates without HTTP",
    unit: "per second, one process",
    rows: shown,
    says: times(shown, "as many as"),
  };
}

function waiting({ rows }) {
  const crowd = rows.at(-1).crowd;
  const shown = rows
    .filter((row) => row.crowd === crowd && row.variant !== "hash")
    .map(({ variant, p95 }) => bar(shortOf(variant), p95, milliseconds(p95)))
    .toReversed();
  return { title: capital(crowd), unit: "p95 of a page that writes", rows: shown, says: times(shown, "the wait") };
}

/** The one with a crowd, where there is the most to see, else the first. */
function storms({ rows }) {
  const storm = (rows.find(({ meanwhile }) => meanwhile) ?? rows[0])?.storm;
  const shown = rows
    .filter((row) => row.storm === storm && row.login.p95 !== null)
    .map(({ site, login }) => bar(site, login.p95, milliseconds(login.p95)))
    .toReversed();
  if (shown.length === 0) return [];
  return [{ title: capital(storm), unit: "p95 of a login", rows: shown, says: times(shown, "the wait") }];
}

function bytes({ rows }) {
  const names = { "connect-pg-simple": "connect-pg-simple, on disk", "connect-redis": "connect-redis", json: after };
  const shown = [...Object.entries(names), ["json, compressed", `${after}, compressed`]].flatMap(([variant, name]) => {
    const row = rows.find((one) => one.variant === variant);
    return row ? [bar(name, row.bytes, number(row.bytes))] : [];
  });
  return { title: "A session of 2.5 KB", unit: "bytes, all included", rows: shown, says: "" };
}

/** From the database to us; other layouts and set-ups are further down. */
function ofTwoProcesses(rows) {
  return [before, "connect-redis", after].flatMap((name) => {
    const row = rows.find((one) => one.name === `${name}, 2 processes`);
    return row ? [{ ...row, name }] : [];
  });
}

function shortOf(variant) {
  return variant === "json" ? after : variant;
}

/** How ours is to the database's. */
function times(rows, what) {
  const [ours, theirs] = [after, before].map((name) => rows.find((row) => row.name === name)?.value);
  if (!ours || !theirs) return "";
  const ratio = ours / theirs;
  return `${after}: ${ratio.toFixed(ratio < 10 ? 1 : 0)} times ${what} with ${before}.`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
