/** The command as it is typed: built once for a run of the tests, as it is shipped, and run as a program of its own. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onceARun, runFolder } from "../support/once-a-run.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
let program = "";

/** Not into dist/, which a build that runs at the same time empties. */
export async function buildCommand(): Promise<void> {
  // A run that watches lasts longer than the sources stay as they are.
  const folder = await onceARun(runFolder(), `command-${lastChange(join(root, "lib"))}`, async (into) => {
    cpSync(join(root, "package.json"), join(into, "package.json"));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const args = [tsc, "-p", "tsconfig.build.json", "--declaration", "false", "--outDir", join(into, "dist")];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`the command could not be built:\n${stdout}`);
    const { joinModules } = (await import(new URL("../../scripts/join-modules.mjs", import.meta.url).href)) as {
      joinModules(dist: string, formats: string[]): Promise<void>;
    };
    await joinModules(join(into, "dist"), ["esm"]);
  });
  program = join(folder, "dist/cli/holdfast.js");
}

function lastChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs));
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once it has printed this. */
  printed(text: string): Promise<void>;
}

type Environment = Record<string, string>;

export function startCommand(args: readonly string[], env: Environment = {}): Running {
  return watch([program, ...args], process.execPath, env);
}

export function runCommand(args: readonly string[], env: Environment = {}): Promise<Ended> {
  return startCommand(args, env).ended;
}

/** The same as one line for a shell. */
export function commandLine(args: readonly string[]): string {
  return [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** A line that was printed, as pasted into a shell. */
export function paste(line: string, env: Environment = {}): Promise<Ended> {
  const here = `'${process.execPath}' '${program}' `;
  return watch(["-c", line.replace(/^npx holdfast /, here)], "sh", env).ended;
}

/** Nothing of the machine's own environment may decide what is tested. */
export function ownEnvironment(): Environment {
  const own = Object.entries(process.env).filter(([name]) => !/^(REDIS_|HOLDFAST_|SESSION_|NODE_|VITEST)/.test(name));
  return Object.fromEntries(own) as Environment;
}

function watch(args: readonly string[], executable: string, env: Environment): Running {
  const child = spawn(executable, args, {
    env: { ...ownEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killed = setTimeout(() => child.kill("SIGKILL"), 180_000);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (piece: string) => (text[name] += piece));
  const ended = once(child, "close").then(([code, signal]) => {
    clearTimeout(killed);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, ...text };
  });
  return {
    child,
    ended,
    async printed(wanted) {
      while (!`${text.stdout}${text.stderr}`.includes(wanted)) {
        const ended = await Promise.race([
          once(child.stdout, "data"),
          once(child.stderr, "data"),
          once(child, "close"),
        ]);
        if (ended.length === 2)
          throw new Error(`it ended and did not print "${wanted}":\n${text.stdout}${text.stderr}`);
      }
    },
  };
}
