// Writes the tables of the results into the documents, between markers: <!-- loadtest:writes --> and <!-- end -->.
// `node bench/documents.mjs` does so without measuring.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { backfillTables, backfillVerdict, captionOf as captionOfBackfill } from "./backfill/tables.mjs";
import { claims, loadtestSentences, planLines } from "./loadtest/report/claims.mjs";
import { markdown, tablesOf } from "./loadtest/report/tables.mjs";
import { glanceLines, proofLines } from "./glance.mjs";
import { captionOf as captionOfScenario } from "./machine.mjs";
import {
  captionOf as captionOfSessions,
  commandVerdict,
  consoleSentences,
  sessionsTables,
} from "./sessions/tables.mjs";
import { captionOf, storeTables } from "./store/tables.mjs";
import { updatesSentences, verdict } from "./store/verdict.mjs";

const root = join(import.meta.dirname, "..");
/** By the name that a marker begins with. */
export const resultsFiles = {
  loadtest: join(root, "bench", "results", "loadtest.json"),
  store: join(root, "bench", "results", "store.json"),
  backfill: join(root, "bench", "results", "backfill.json"),
  proof: join(root, "bench", "results", "proof.json"),
  sessions: join(root, "bench", "results", "sessions.json"),
};
export const documents = [
  "README.md",
  "docs/index.md",
  "docs/performance.md",
  "docs/case-study.md",
  "docs/storage.md",
  "docs/sessions.md",
  "docs/console.md",
  "docs/guides/at-rest.md",
];

/** The results that are kept, into the documents. */
export function publishDocuments() {
  const results = {};
  for (const [name, file] of Object.entries(resultsFiles)) results[name] = JSON.parse(readFileSync(file, "utf8"));
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
  return text.replaceAll(
    /<!-- (loadtest|store|backfill|proof|sessions):([\w-]+) -->\n[^]*?<!-- end -->/g,
    (_, source, id) => {
      const block = blocks[source][id];
      if (block === undefined)
        throw new Error(`bench/results/${source}.json has nothing for the marker ${source}:${id}`);
      return `<!-- ${source}:${id} -->\n\n${block}\n\n<!-- end -->`;
    },
  );
}

function blocksOf({ loadtest, store, backfill, proof, sessions }, plans) {
  const blocks = {
    loadtest: tableBlocks(tablesOf(loadtest)),
    store: tableBlocks(storeTables(store)),
    proof: { bugs: proofLines(proof).join("\n"), glance: glanceLines(proof, store).join("\n") },
    backfill: {
      ...tableBlocks(backfillTables(backfill)),
      machine: captionOfBackfill(backfill.copy),
      verdict: backfillVerdict(backfill.copy),
    },
  };
  blocks.sessions = {
    ...tableBlocks(sessionsTables(sessions)),
    verdict: commandVerdict(sessions),
    console: consoleSentences(sessions),
  };
  for (const [layout, result] of Object.entries(sessions))
    blocks.sessions[`machine-${layout}`] = captionOfSessions(result);
  for (const [name, scenario] of Object.entries(loadtest))
    blocks.loadtest[`machine-${name}`] = captionOfScenario(scenario);
  Object.assign(blocks.loadtest, loadtestSentences(loadtest, plans), { claims: markdown(claims(loadtest, plans)) });
  blocks.store.verdict = verdict(store, backfill);
  if (store["profile-updates"]) blocks.store["updates-time"] = updatesSentences(store["profile-updates"]);
  for (const [name, part] of Object.entries(store)) blocks.store[`machine-${name}`] = captionOf(part);
  return blocks;
}

function tableBlocks(tables) {
  return Object.fromEntries(tables.map((table) => [table.id, `**${table.title}**\n\n${markdown(table)}`]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) publishDocuments();
