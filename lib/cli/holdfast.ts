#!/usr/bin/env node
/** The entry point of the command `holdfast`. */
import { keepHeapSmall } from "./small-heap.js";
import { showWarnings } from "./warnings.js";

// A reader that closes the pipe early, such as `| head`, is not a failure.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

showWarnings();

if (process.argv[2] === "sessions") keepHeapSmall();
const { run } = await import("./program.js");
await run(process.argv);

// All connections are closed by now, but a module of `--source` or `--serializer` may keep the process alive.
setTimeout(() => process.exit(), 1000).unref();
