/** Runs a small site of test/package/consumers, which tries the promises of the package on itself. */
import { createRequire } from "node:module";
import { run, type Failed } from "./stranger.js";

const load = createRequire(import.meta.url);
export const { promises, promisesOfTheStore } = load("./consumers/checks/promises.cjs") as Record<string, string[]> & {
  promises: string[];
  promisesOfTheStore: string[];
};
export const { logins } = load("./consumers/checks/logins.cjs") as { logins: string[] };

/** What the site cannot check itself. */
export const ends = "it ends by itself, and warns of nothing but the outage";

/**
 * @param command a program and its arguments
 * @param checks what the site is expected to tell of
 */
export async function trySite(
  command: string[],
  checks: string[],
  folder: string,
  redisUrl: string,
): Promise<Record<string, string>> {
  const [program, ...args] = command as [string, ...string[]];
  // NODE_ENV, so that Express does not print the errors that it answers.
  const env = { REDIS_URL: redisUrl, NODE_ENV: "test", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const { stdout, stderr, failure } = await run(program, args, folder, env).then(
    (printed) => ({ ...printed, failure: "" }),
    (error: Failed) => ({ stdout: error.stdout, stderr: error.stderr, failure: error.message }),
  );
  const told = toldIn(stdout);
  const unexpected = stderr.split("\n").filter((line) => line !== "" && !ofTheOutage.test(line));
  const outcomes = Object.fromEntries(checks.map((check) => [check, told[check] ?? (failure || "it was not tried")]));
  return { ...outcomes, [ends]: failure || unexpected.join("\n") || "kept" };
}

const ofTheOutage = /HOLDFAST_REDIS_(CONNECTION_LOST|BACK)\b|Use `\S+ --trace-warnings/;

function toldIn(stdout: string): Record<string, string> {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, string>;
  } catch {
    return {};
  }
}

/** Outcomes of several programs of one cell. */
export function prefixed(prefix: string, outcomes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [`${prefix}: ${name}`, outcome]));
}
