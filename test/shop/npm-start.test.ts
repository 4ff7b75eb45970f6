/** `npm start` before the shop runs: it says what it does, and a signal ends all of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
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
