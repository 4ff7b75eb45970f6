/** `holdfast sessions` among 100,000 sessions needs little memory, and another client of Redis hardly notices. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { redisServerPath } from "../support/programs.js";

interface Measured {
  name: string;
  seconds: number;
  /** Of resident memory, at its peak. */
  bytes: number;
  lines: number;
  /** Milliseconds of a PING of another client. */
  p95: number;
  p99: number;
  longest: number;
}

const bench = fileURLToPath(new URL("../../bench/sessions/sessions.mjs", import.meta.url));

describe.skipIf(!redisServerPath || process.platform !== "linux").each(["json", "hash"])("layout %s", (layout) => {
  test("each subcommand stays below 100 MB, and 95 % of PINGs below 20 ms", { timeout: 300_000 }, () => {
    const args = [bench, "--sessions=100000", `--layouts=${layout}`, "--json"];
    const stdout = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const results = JSON.parse(stdout) as Record<string, Record<"rows" | "pages", Measured[]>>;
    const { rows, pages } = results[layout]!;
    const [, ...commands] = rows; // the first is nothing, for comparison
    const measured = [...commands, ...pages];
    for (const { name, seconds, bytes, p99, longest } of measured) {
      const pings = `PING p99 ${p99.toFixed(1)}, longest ${longest.toFixed(1)} ms`;
      console.info(`${layout}, ${name}: ${seconds.toFixed(1)} s, ${Math.round(bytes / 1e6)} MB, ${pings}`);
    }
    const lines = Object.fromEntries(commands.map(({ name, lines }) => [name, lines]));
    expect(lines).toMatchObject({ count: 1, list: 100_000, export: 100_002 });
    expect(commands.filter(({ bytes }) => bytes >= 100e6)).toEqual([]);
    // The console's pages are answered by an app, which has a heap of the usual size.
    expect(pages.filter(({ bytes }) => bytes >= 220e6)).toEqual([]);
    // The rest depends on what else the machine does; docs/sessions.md says what was measured.
    expect(measured.filter(({ p95 }) => p95 >= 20)).toEqual([]);
  });
});
