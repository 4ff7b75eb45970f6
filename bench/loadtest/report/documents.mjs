// Writes the tables of the results into the documents, between markers: <!-- loadtest:writes --> and <!-- end -->.
// `node bench/loadtest/report/documents.mjs` does so without measuring.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inWords } from "../machine.mjs";
import { claims, planLines } from "./claims.mjs";
import { markdown, tablesOf } from "./tables.mjs";

const root = join(import.meta.dirname, "..", "..", "..");
export const resultsFile = join(root, "bench", "results", "loadtest.json");
export const documents = ["docs/performance.md", "docs/case-study.md", "docs/storage.md"];

/** The results that are kept, into the documents. */
export function publishDocuments() {
  const results = JSON.parse(readFileSync(resultsFile, "utf8"));
  const plans = Object.fromEntries(Object.entries(planLines).map(([name, line]) => [name, planned(line)]));
  for (const document of documents) {
    const path = join(root, document);
    writeFileSync(path, withTables(readFileSync(path, "utf8"), results, plans));
  }
}

function planned(line) {
  const command = join(root, "dist", "cli", "holdfast.js");
  return JSON.parse(execFileSync(process.execPath, [command, ...line.split(" "), "--json"], { encoding: "utf8" }));
}

/** The document with its tables made anew. Throws if it asks for one that does not exist. */
export function withTables(text, results, plans) {
  const blocks = blocksOf(results, plans);
  return text.replaceAll(/<!-- loadtest:([\w-]+) -->\n[^]*?<!-- end -->/g, (_, id) => {
    const block = blocks[id];
    if (block === undefined) throw new Error(`bench/results/loadtest.json has nothing for the marker loadtest:${id}`);
    return `<!-- loadtest:${id} -->\n\n${block}\n\n<!-- end -->`;
  });
}

function blocksOf(results, plans) {
  const blocks = {};
  for (const table of tablesOf(results)) blocks[table.id] = `**${table.title}**\n\n${markdown(table)}`;
  for (const [name, { machine }] of Object.entries(results))
    blocks[`machine-${name}`] = `Measured on ${inWords(machine)}.`;
  blocks.claims = markdown(claims(results, plans));
  return blocks;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) publishDocuments();
