// Writes the tables of the results into the documents, between markers: <!-- loadtest:writes --> and <!-- end -->.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inWords } from "../machine.mjs";
import { claims } from "./claims.mjs";
import { markdown, tablesOf } from "./tables.mjs";

const root = join(import.meta.dirname, "..", "..", "..");
export const resultsFile = join(root, "bench", "results", "loadtest.json");
export const documents = ["docs/performance.md", "docs/case-study.md"];

export function publishDocuments(results) {
  for (const document of documents) {
    const path = join(root, document);
    writeFileSync(path, withTables(readFileSync(path, "utf8"), results));
  }
}

/** The document with its tables made anew. Throws if it asks for one that does not exist. */
export function withTables(text, results) {
  const blocks = blocksOf(results);
  return text.replaceAll(/<!-- loadtest:([\w-]+) -->\n[^]*?<!-- end -->/g, (_, id) => {
    const block = blocks[id];
    if (block === undefined) throw new Error(`bench/results/loadtest.json has nothing for the marker loadtest:${id}`);
    return `<!-- loadtest:${id} -->\n\n${block}\n\n<!-- end -->`;
  });
}

function blocksOf(results) {
  const blocks = {};
  for (const table of tablesOf(results)) blocks[table.id] = `**${table.title}**\n\n${markdown(table)}`;
  for (const [name, { machine }] of Object.entries(results))
    blocks[`machine-${name}`] = `Measured on ${inWords(machine)}.`;
  blocks.claims = markdown(claims(results));
  return blocks;
}
