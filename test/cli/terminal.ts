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
  const terminal = startOnTerminal(`${commandLine(args)} ${behind}`);
  const waiting = [...answers];
  terminal.onOutput(() => {
    while (waiting[0] && terminal.screen.includes(waiting[0][0])) terminal.type(waiting.shift()![1]);
  });
  return terminal.ended;
}

export interface OnTerminal {
  /** Everything that the terminal was sent so far. */
  readonly screen: string;
  readonly ended: Promise<Ended>;
  type(text: string): void;
  onOutput(listener: () => void): void;
  /** Resolves once the screen holds this, or is as `wanted` says. */
  printed(wanted: string | ((screen: string) => boolean)): Promise<void>;
}

/** @param line for a shell */
export function startOnTerminal(line: string, env: Record<string, string> = {}): OnTerminal {
  const child = spawn(script!, ["-qec", line, "/dev/null"], {
    env: { ...ownEnvironment(), ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const killed = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (screen += piece));
  const ended = once(child, "close").then(([code]) => {
    clearTimeout(killed);
    return { code: code as number | null, screen };
  });
  return {
    get screen() {
      return screen;
    },
    ended,
    type: (text) => void child.stdin.write(text),
    onOutput: (listener) => void child.stdout.on("data", listener),
    async printed(wanted) {
      const isThere = () => (typeof wanted === "string" ? screen.includes(wanted) : wanted(screen));
      while (!isThere()) {
        const isOver = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
        if (isOver && !isThere()) throw new Error(`it ended and did not print ${wanted}:\n${screen}`);
      }
    },
  };
}
