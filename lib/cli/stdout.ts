/** What becomes of the output: a reader that leaves early is no failure, a full disk is one. */
import { propertyOf } from "../errors/index.js";
import { systemReason } from "./system-reason.js";

/** Without a listener, an error of the stream would end the process with a stack. */
export function watchStdout(): void {
  let isUnwritten = false;
  process.stdout.on("error", (error) => {
    const hasLeft = propertyOf(error, "code") === "EPIPE" || process.stdout.isTTY; // `| head`, a closed terminal
    if (hasLeft || isUnwritten) return;
    isUnwritten = true;
    process.stderr.write(`The output could not be written, so it is not complete: ${systemReason(error)}.\n`);
    process.once("exit", () => (process.exitCode = 1)); // whatever the subcommand made of it
  });
}
