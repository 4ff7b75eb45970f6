// The frame of each benchmark: whatever it started is stopped, and what its user can mend is said without a stack.
import { stopAll } from "./processes.mjs";

/** A message for the user of a benchmark. */
export class Problem extends Error {}

export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    await stopAll(); // on Ctrl-C it is under way already
  }
}
