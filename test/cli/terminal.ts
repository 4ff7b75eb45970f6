/** The command on a pseudo-terminal of `script` (util-linux), which answers what is asked there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { findProgram } from "../support/programs.js";
import { commandLine, ownEnvironment } from "./command.js";

const script = findProgram("script");
export const hasTerminal = script !== undefined && process.platform === "linux";

/** Characters that a keyboard sends. */
export const keys = { ctrlC: "\u0003", ctrlD: "\u0004", enter: "\r" };

export interface Typed {
  /** What is typed, each once what stands before it was printed. */
  readonly answers: readonly (readonly [printed: string, typed: string])[];
  /** What is put behind the command in a shell, as `| cat`. */
  readonly behind?: string;
}

export interface Ended {
  readonly code: number | null;
  /** Everything that the terminal was sent. */
  readonly screen: string;
}

export async function runOnTerminal(args: readonly string[], { answers, behind = "" }: Typed): Promise<Ended> {
  const line = `${commandLine(args)} ${behind}`;
  const child = spawn(script!, ["-qec", line, "/dev/null"], {
    env: ownEnvironment(),
    stdio: ["pipe", "pipe", "ignore"],
  });
  const killed = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let screen = "";
  const waiting = [...answers];
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    screen += piece;
    while (waiting[0] && screen.includes(waiting[0][0])) child.stdin.write(waiting.shift()![1]);
  });
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(killed);
  return { code, screen };
}
