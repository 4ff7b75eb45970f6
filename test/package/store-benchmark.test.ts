/** `npm run bench:store` in its short form: each part measures what the documents' tables need. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { redisServerPath } from "../support/programs.js";

const run = promisify(execFile);
const path = (file: string) => new URL(`../../bench/${file}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "holdfast-store-benchmark-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Part {
  quick: boolean;
  read: Record<string, { cpu: { median: number }; commands?: number; trips?: number }>;
  write: Record<string, { commands?: number; trips?: number; bytesRatio?: number }>;
  updates: Record<string, { rate: { median: number } }>;
}

describe.skipIf(!redisServerPath)("with a Redis", { timeout: 300_000 }, () => {
  test("variants: the cost of each, its commands and its round trips", async () => {
    const { stdout, stderr } = await run(process.execPath, [path("store.mjs"), "--quick", "--only=json", "--json"]);
    expect(stderr).toMatch(/^about \d+ s: variants/);
    const { variants } = JSON.parse(stdout) as { variants: Part };
    expect(variants.quick).toBe(true);
    expect(Object.keys(variants.read)).toEqual(["no sessions", "connect-redis", "floor", "json"]);
    expect(variants.read["no sessions"]!.commands).toBeUndefined();
    expect(variants.read.json).toMatchObject({ cpu: { median: expect.any(Number) }, commands: 1, trips: 1 });
    expect(variants.write.json).toMatchObject({ commands: 2, trips: 2 });
    expect(variants.write.json!.bytesRatio).toBeCloseTo(1, 1);
    expect(Object.keys(variants.updates)).toEqual(["connect-redis", "json"]);
  });

  test("profile: files with the number of requests, which bench/profile.mjs puts side by side", async () => {
    const args = ["--quick", "--only=json", `--cpu-prof=${folder}`];
    const { stdout } = await run(process.execPath, [path("store.mjs"), ...args]);
    expect(stdout).toMatch(/^\| of it Holdfast +\| 0\.0 +\| \d+\.\d +\|$/m);
    const files = readdirSync(folder).map((name) => join(folder, name));
    expect(files.map((file) => file.slice(folder.length + 1)).toSorted()).toEqual([
      "floor-read.cpuprofile",
      "floor-write.cpuprofile",
      "json-read.cpuprofile",
      "json-write.cpuprofile",
    ]);
    const { stdout: printed } = await run(process.execPath, [path("profile.mjs"), ...files]);
    expect(printed).toMatch(/by part, microseconds of the main thread per request/);
    expect(printed).toMatch(/^\| Express +(\| \d+\.\d +){4}\|$/m);
    expect(printed).toMatch(/^ +\d+\.\d {2}holdfast\/session/m);
  });
});
