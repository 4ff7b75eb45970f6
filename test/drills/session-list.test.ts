/** `holdfast sessions` among 100,000 sessions needs little memory, and another client of Redis hardly notices. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { redisServerPath } from "../support/programs.js";

interface Measured {
  name: string;
  seconds: number;
  /** Of resident memory, at its peak. */
  megabytes: number;
  lines: number;
  /** Milliseconds of a PING of another client. */
  p95: number;
  p99: number;
  longest: number;
}

const bench = fileURLToPath(new URL("../../bench/sessions/sessions.mjs", import.meta.url));

describe.skipIf(!redisServerPath || process.platform !== "linux").each(["json", "hash"])("layout %s", (layout) => {
  test("each subcommand stays below 100 MB, and 95 % of PINGs below 20 ms", { timeout: 300_000 }, () => {
    const args = [bench, "--sessions=100000", `--layout=${layout}`, "--json"];
    const stdout = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const [, ...measured] = JSON.parse(stdout) as Measured[];
    for (const { name, seconds, megabytes, p99, longest } of measured) {
      const pings = `PING p99 ${p99.toFixed(1)}, longest ${longest.toFixed(1)} ms`;
      console.info(`${layout}, ${name}: ${seconds.toFixed(1)} s, ${Math.round(megabytes)} MB, ${pings}`);
    }
    const lines = Object.fromEntries(measured.map(({ name, lines }) => [name.split(" ")[0], lines]));
    expect(lines).toMatchObject({ count: 1, export: 100_001 });
    expect(measured.find(({ name }) => name === "list")).toMatchObject({ lines: 100_000 });
    // The console's pages are answered by an app, which has a heap of the usual size.
    const most = ({ name }: Measured) => (name.startsWith("console") ? 220 : 100);
    expect(measured.filter((one) => one.megabytes >= most(one))).toEqual([]);
    // The rest depends on what else the machine does; docs/sessions.md says what was measured.
    expect(measured.filter(({ p95 }) => p95 >= 20)).toEqual([]);
  });
});
