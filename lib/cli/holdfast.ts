#!/usr/bin/env node
/** The entry point of the command `holdfast`. */
import { keepHeapSmall } from "./small-heap.js";
import { watchStdout } from "./stdout.js";
import { showWarnings } from "./warnings.js";

process.stderr.on("error", () => {});
watchStdout();

showWarnings();

if (process.argv[2] === "sessions") keepHeapSmall();
const { run } = await import("./program.js");
// The library's timers do not keep a process alive. While it waits for one of them alone, such as that of a connection that
// was cut while it closed, Node.js would end it without a word, with code 13.
const awake = setInterval(() => {}, 60_000);
await run(process.argv);
clearInterval(awake);

// All connections are closed by now, but a module of `--source` or `--serializer` may keep the process alive.
setTimeout(() => process.exit(), 1000).unref();
