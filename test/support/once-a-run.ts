/** What the test files of a run share, such as a build: the first that needs it makes it, and the others wait. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Inside the project, so that what lies there finds its node_modules; test/support/run-folder.mjs removes it. */
export function runFolder(): string {
  const folder = process.env["HOLDFAST_TEST_RUN"];
  if (folder === undefined) throw new Error("test/support/run-folder.mjs is not among the globalSetup of this run.");
  return folder;
}

/**
 * The folder `name` in `place`, with what `work` has put there. Of all processes, one does the work; where it fails, it
 * fails for all.
 */
export async function onceARun(place: string, name: string, work: (folder: string) => unknown): Promise<string> {
  const folder = join(place, name);
  const [done, failure] = [`${folder}.done`, `${folder}.failure`];
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    await until(() => existsSync(done) || existsSync(failure), `${name} was not made within 4 minutes`);
    if (existsSync(failure)) throw new Error(readFileSync(failure, "utf8"), { cause: error });
    return folder;
  }
  try {
    await work(folder);
    writeFileSync(done, "");
  } catch (error) {
    writeFileSync(failure, String(error));
    throw error;
  }
  return folder;
}

async function until(check: () => boolean, message: string): Promise<void> {
  const deadline = Date.now() + 240_000;
  while (!check()) {
    if (Date.now() > deadline) throw new Error(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
