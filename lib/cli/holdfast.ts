#!/usr/bin/env node
/** The program behind the command `holdfast`. */
import { run } from "./program.js";

// A reader that has seen enough, as `| head`, is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

// Warnings are for people here: no code, no process number, and none about Node.js itself.
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => {
  if (name === "HoldfastWarning") process.stderr.write(`${message}\n`);
});

await run(process.argv);
