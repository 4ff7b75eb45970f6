/** `npm start` before the shop runs: it says what it does, and a signal ends all of it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "../support/servers/free-port.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
let clone: string;

/** As after a git clone and npm ci, with nothing built yet. */
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "holdfast-start-"));
  const built = /(?:^|\/)(?:dist|\.build|node_modules)(?:\/|$)/;
  for (const name of readdirSync(root)) {
    if (/^(?:lib|demo-app|scripts|tsconfig.*|package.*\.json)$/.test(name)) {
      cpSync(join(root, name), join(clone, name), {
        recursive: true,
        filter: (path) => !built.test(path.slice(root.length)),
      });
    }
  }
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
});
afterAll(() => {
  for (const { pid } of processesIn(clone)) process.kill(pid, "SIGKILL");
  rmSync(clone, { recursive: true, force: true });
});

test.skipIf(process.platform !== "linux").each(["SIGTERM", "SIGINT"] as const)(
  "%s while it compiles ends everything",
  async (signal) => {
    const npm = spawn("npm", ["start"], {
      cwd: clone,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, PORT: String(await freePort()) },
    });
    let output = "";
    for (const stream of [npm.stdout, npm.stderr]) stream.on("data", (text) => (output += text));
    await vi.waitFor(() => expect(output).toContain("Compiling, which takes about"), { timeout: 30_000 });
    await vi.waitFor(() => expect(processesIn(clone).some(({ command }) => command.includes("tsc"))).toBe(true), {
      timeout: 30_000,
    });
    // Ctrl-C reaches all processes of the terminal; kill, the one that is named.
    process.kill(signal === "SIGINT" ? -npm.pid! : npm.pid!, signal);
    await once(npm, "close");
    await vi.waitFor(() => expect(processesIn(clone)).toEqual([]), { timeout: 10_000 });
  },
);

test("two at once, one begun while the other compiles, both come up from one build", { timeout: 180_000 }, async () => {
  const shops: { process: ChildProcess; output: () => string }[] = [];
  onTestFinished(async () => {
    for (const { process } of shops) {
      if (process.exitCode !== null) continue;
      const gone = once(process, "exit");
      process.kill("SIGTERM");
      await gone;
    }
  });
  const start = async () => {
    const env = { ...process.env, PORT: String(await freePort()) };
    const child = spawn(process.execPath, ["scripts/start.mjs"], {
      cwd: clone,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    shops.push({ process: child, output: () => output });
  };
  for (const built of ["dist", ".build"]) rmSync(join(clone, built), { recursive: true, force: true });
  await start();
  // Half way: what a second build would remove is there already.
  await vi.waitFor(() => expect(existsSync(join(clone, "dist", "index.js"))).toBe(true), { timeout: 60_000 });
  await start();
  for (const { output } of shops) {
    await vi.waitFor(() => expect(output()).toMatch(/To stop|Error|failed/), { timeout: 120_000 });
    expect(output()).toContain("To stop");
  }
});

/** The processes that work in this folder. */
function processesIn(folder: string): { pid: number; command: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (readlinkSync(`/proc/${name}/cwd`) !== folder) return [];
      return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
    } catch {
      return []; // it has ended, or belongs to somebody else
    }
  });
}
