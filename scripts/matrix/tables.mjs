// The tables of docs/compatibility.md, between markers: <!-- matrix:bundlers --> and <!-- end -->. Pure.
import { markdownTable } from "../../bench/markdown.mjs";
import { kinds } from "./cells.mjs";

/** The page with its tables made anew. Throws if it asks for one that does not exist. */
export function withTables(text, results) {
  return text.replaceAll(/<!-- matrix:([\w-]+) -->\n[^]*?<!-- end -->/g, (_, id) => {
    const block = blockOf(id, results);
    if (block === undefined) throw new Error(`there is no table for the marker matrix:${id}`);
    return `<!-- matrix:${id} -->\n\n${block}\n\n<!-- end -->`;
  });
}

function blockOf(id, results) {
  if (id === "answer") return answer(results);
  if (id === "summary") return markdownTable(summary(results)).join("\n");
  return kinds[id] && (results[id] ? details(kinds[id], results[id]) : "Not tried yet.");
}

/** One sentence. */
function answer(results) {
  const rows = Object.values(results).flatMap((kind) => Object.values(kind));
  const days = rows.map(({ on }) => on).sort();
  const when = days[0] === days.at(-1) ? `on ${days[0]}` : `between ${days[0]} and ${days.at(-1)}`;
  const bad = rows.filter(isBroken).length;
  if (bad === 0) return `**All of the ${rows.length} combinations below work.** They were run ${when}.`;
  return `**${rows.length - bad} of the ${rows.length} combinations below work.** They were run ${when}. [What does not work](#what-does-not-work) is said below.`;
}

/** What people ask for, with all its versions. */
function summary(results) {
  const groups = new Map();
  for (const [id, { head, subjects }] of Object.entries(kinds)) {
    for (const row of Object.values(results[id] ?? {})) {
      for (const column of subjects) {
        const [, name, version = ""] = /^(.*?)(?: (\d\S*))?$/.exec(row.columns[column]);
        const key = `${head[column]} ${name}`;
        const group = groups.get(key) ?? { what: head[column], name, versions: new Set(), rows: [] };
        group.versions.add(version);
        group.rows.push(row);
        groups.set(key, group);
      }
    }
  }
  const order = [...new Set([...groups.values()].map(({ what }) => what))];
  const sorted = [...groups.values()].sort((one, other) => order.indexOf(one.what) - order.indexOf(other.what));
  const body = sorted.map(({ what, name, versions, rows }) => [
    what,
    `**${name}**`,
    [...versions].sort((one, other) => one.localeCompare(other, "en", { numeric: true })).join(", "),
    `${rows.length}`,
    `${rows.filter(isBroken).length || "none"}`,
  ]);
  return [["", "with", "versions", "combinations", "with a failure"], ...body];
}

function details({ head }, rows) {
  const body = Object.values(rows).map((row) => [
    ...row.columns,
    `${row.passed}`,
    row.failed > 0 ? `**${row.failed}**` : "0",
    `${row.skipped}`,
    row.on,
  ]);
  return markdownTable([[...head, "passed", "failed", "left out", "on"], ...body]).join("\n");
}

function isBroken({ failed }) {
  return failed > 0;
}
