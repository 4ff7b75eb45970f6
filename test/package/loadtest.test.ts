/** `npm run loadtest`, as a newcomer types it, in its short form. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 240_000 }); // it may have to compile first
const run = promisify(execFile);
const command = new URL("../../bench/loadtest/loadtest.mjs", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "holdfast-loadtest-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("results, CSV and one report that loads nothing; no update of ours is lost", async () => {
  const { stdout } = await run(process.execPath, [command, "--quick", "--only=visitors", `--out=${folder}`]);
  expect(stdout).toContain(join(folder, "report.html"));
  const { visitors } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8")) as {
    visitors: {
      servers: string[];
      machine: { busy: number };
      rows: { variant: string; failed: number; lost: number; p95: number }[];
    };
  };
  expect(visitors.rows).toHaveLength(8);
  expect(visitors.servers).toEqual([
    expect.stringMatching(/^(Redis \d|Valkey)/),
    expect.stringMatching(/^(PostgreSQL \d|PGlite)/),
  ]);
  expect(visitors.machine.busy).toBeGreaterThanOrEqual(0);
  for (const row of visitors.rows.filter(({ variant }) => /json|hash/.test(variant))) {
    expect(row).toMatchObject({ failed: 0, lost: 0, p95: expect.any(Number) });
  }
  expect(readFileSync(join(folder, "figures.csv"), "utf8")).toMatch(/^visitors,"?one visitor, 100 pages/m);
  const report = readFileSync(join(folder, "report.html"), "utf8");
  expect(report).toContain("50 visitors at once");
  expect(report).toContain(visitors.servers[0]);
  expect(report).not.toMatch(/(?:src|href)="(?!#|data:,")/);
});

test("without redis-server it says what it uses instead, and measures that", async () => {
  const out = join(folder, "without");
  const programs = join(folder, "programs");
  mkdirSync(programs);
  // PostgreSQL does not run as root, so it is asked who the user postgres is.
  if (existsSync("/usr/bin/id")) symlinkSync("/usr/bin/id", join(programs, "id"));
  const args = [command, "--quick", "--only=visitors", `--out=${out}`];
  const { stderr } = await run(process.execPath, args, { env: { ...process.env, PATH: programs } });
  expect(stderr).toContain("There is no redis-server here, so an embedded Valkey is used");
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("Valkey (embedded)");
});

test.skipIf(process.platform !== "linux").each(["SIGINT", "SIGTERM"] as const)(
  "%s in the middle leaves no server and no file behind, and says where the results are",
  async (signal) => {
    const [out, temporary] = [join(folder, signal), join(folder, `${signal}-tmp`)];
    mkdirSync(temporary);
    for (const one of [folder, temporary]) chmodSync(one, 0o755); // PostgreSQL runs as another user
    const child = spawn(process.execPath, [command, "--quick", "--only=visitors,database", `--out=${out}`], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (text) => (said += text));
    await expect.poll(() => said, { timeout: 200_000 }).toContain("slice 1 of");
    const started = descendantsOf(child.pid!);
    expect(started.length).toBeGreaterThan(5);
    expect(readdirSync(temporary)).not.toEqual([]);
    child.kill(signal);
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    await expect.poll(() => started.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
    if (signal === "SIGINT") expect(said).toContain(`What has been measured is in ${join(out, "results.json")}`);
    expect(said).not.toMatch(/\n\s+at /);
    expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toHaveProperty("visitors");
  },
);

test.each([
  ["a file that is not of this command", "results.json", '{"name":"my app"}', "is not of this command"],
  ["a file in place of the folder", "", "mine", "cannot be written to"],
])("%s is left as it is, and nothing is measured", async (_what, name, text, said) => {
  const out = join(folder, `kept-${name}`);
  if (name) mkdirSync(out);
  const file = join(out, name);
  writeFileSync(name ? file : out, text);
  const failed = run(process.execPath, [command, "--quick", "--only=visitors", `--out=${out}`]);
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(said) });
  await expect(failed).rejects.not.toMatchObject({ stderr: expect.stringMatching(/\n\s+at /) });
  expect(readFileSync(name ? file : out, "utf8")).toBe(text);
});

/** All processes that it has started, and that those have. */
function descendantsOf(parent: number): number[] {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const children = numbers.filter((pid) => parentOf(pid) === parent).map(Number);
  return children.flatMap((pid) => [pid, ...descendantsOf(pid)]);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it has ended
  }
}
