// The pages of the API, in Markdown with a little HTML: one for each entry of the package, and a list of all.
import { urlOf } from "../repository.mjs";
import { readApi } from "./read.mjs";
import { sectionOf } from "./section.mjs";
import { linksOf } from "./names.mjs";

/** What stands at the top of an entry's page; an entry without a line here has none. */
const about = {
  holdfast:
    "The middleware, the store for apps that configure express-session themselves, and what both need. [Options](../options.md) has the options in one table.",
  "holdfast/auth":
    "Logins: accounts, passwords, devices, and limits on guessing. [Login](../login.md) shows a whole program.",
  "holdfast/migrate":
    "Moving sessions from a database to Redis while the site is live. [Migrating](../migration.md) goes through it step by step; most apps need only `MigratingStore` and the command.",
  "holdfast/ops":
    "What an operator sees and does: [signals](../signals.md), [metrics](../monitoring.md), health, [the doctor](../doctor.md), and [the sessions in Redis](../sessions.md).",
  "holdfast/console": "[The console](../console.md): the same as pages that an app mounts.",
  "holdfast/testing":
    "Sessions and logins without Redis, for the tests of an app. [Testing](../testing.md) shows them with several runners.",
};

const groups = [
  ["Functions", ["function"]],
  ["Classes", ["class"]],
  ["Constants", ["constant"]],
  ["Types", ["interface", "type"]],
  ["From elsewhere", ["elsewhere"]],
];

/** @returns pairs of a path, such as `api/auth.md`, and the page */
export async function apiPages() {
  const api = readApi();
  const links = linksOf(api);
  const pages = [["api/index.md", indexOf(api)]];
  for (const [index, [entry, exports]] of [...api].entries())
    pages.push([`api/${fileOf(entry)}.md`, await pageOf(entry, exports, links, index + 1)]);
  return pages;
}

/** The file of an entry: `holdfast` for the package itself, else what follows the slash. */
export const fileOf = (entry) => entry.split("/").at(-1);

async function pageOf(entry, exports, links, order) {
  const parts = [`---\neditLink: false\norder: ${order}\n---\n\n# \`${entry}\``, about[entry] ?? ""];
  for (const [title, kinds] of groups) {
    const members = exports.filter(({ kind }) => kinds.includes(kind));
    if (members.length > 0) parts.push(`## ${title}`);
    for (const member of members) parts.push(await sectionOf(member, entry, links));
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function indexOf(api) {
  const rows = [...api].map(([entry, exports]) => {
    const called = exports.filter(({ kind }) => kind === "function" || kind === "class");
    const names = called.map(
      ({ name, kind }) => `[\`${name}${kind === "function" ? "()" : ""}\`](${fileOf(entry)}.md#${name})`,
    );
    const page = `[All of \`${entry}\`](${fileOf(entry)}.md)`;
    return [`## \`${entry}\``, about[entry], names.join(" · "), page].filter(Boolean).join("\n\n");
  });
  return `---
editLink: false
order: 0
---

# API

What the package exports, made from its declarations. Every name is a commitment:
[the reports of all signatures](${urlOf("etc", "tree")}) are reviewed with each change.

${rows.join("\n\n")}
`;
}
