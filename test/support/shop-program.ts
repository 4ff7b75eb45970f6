/** The shop as `npm start` runs it: the built program in a process of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { freePort } from "./servers/free-port.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = `${root}.build/demo-app/main.js`;

export interface ShopProgram {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** Sends the signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

type Environment = Record<string, string | undefined>;

/** Runs it to its end, as when it cannot start. */
export async function runShop(env: Environment, cwd = root): Promise<{ code: number | null; output: string }> {
  const { child, output } = launch(env, cwd);
  const killed = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await once(child, "close");
  clearTimeout(killed);
  return { code: child.exitCode, output: output() };
}

/** Starts it and waits for nothing. It is killed with the tests. */
export async function launchShop(args: string[] = []): Promise<{ child: ChildProcess; output: () => string }> {
  const launched = launch({ PORT: String(await freePort()) }, root, args);
  const kill = () => void launched.child.kill("SIGKILL");
  process.once("exit", kill);
  launched.child.once("exit", () => process.off("exit", kill));
  return launched;
}

/** Resolves once it has printed its greeting. */
export async function startShopProgram(env: Environment = {}, cwd = root): Promise<ShopProgram> {
  const port = await freePort();
  const { child, output } = launch({ PORT: String(port), ...env }, cwd);
  const killProgram = () => void child.kill("SIGKILL");
  process.once("exit", killProgram);
  await new Promise<void>((resolve, reject) => {
    const look = () => output().includes("To stop") && resolve();
    child.stdout?.on("data", look);
    child.once("exit", () => reject(new Error(`the shop did not start:\n${output()}`)));
  });

  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    output,
    async stop(signal = "SIGTERM") {
      process.off("exit", killProgram);
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}

function launch(env: Environment, cwd: string, args: string[] = []): { child: ChildProcess; output: () => string } {
  if (!existsSync(program)) throw new Error("The shop is not built: run `npm run build` first, or `npm test`.");
  // Nothing of the machine's own environment may decide what is tested.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(REDIS_|SESSION_SECRET|PORT|HOST|WORKERS|NODE_|VITEST)/.test(name),
  );
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return { child, output: () => text };
}
