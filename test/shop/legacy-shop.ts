/** The shop as `npm start -- --legacy` runs it, and an operator who presses its buttons. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/servers/free-port.js";
import type { Customer } from "../support/shop.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface LegacyShop {
  readonly url: string;
  /** Of the database that its sessions come from. */
  readonly databaseUrl: string;
  output(): string;
  stop(): Promise<number | null>;
}

type Environment = Record<string, string>;

export async function startLegacyShop(env: Environment): Promise<LegacyShop> {
  const port = await freePort();
  const { child, output } = launch(["--legacy"], { PORT: String(port), ...env });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => output().includes("To stop") && resolve());
    child.once("exit", () => reject(new Error(`the shop did not start:\n${output()}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl: /postgres:\S+/.exec(output())![0],
    output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill("SIGTERM");
      await once(child, "exit");
      return child.exitCode;
    },
  };
}

/** Runs it to its end, as when it cannot start. */
export async function runLegacyShop(
  args: string[],
  env: Environment,
): Promise<{ code: number | null; output: string }> {
  const { child, output } = launch(args, { PORT: String(await freePort()), ...env });
  await once(child, "close");
  return { code: child.exitCode, output: output() };
}

function launch(args: string[], env: Environment) {
  // Nothing of the machine's own environment may decide what is tested.
  const isOurs = /^(REDIS_|DATABASE_URL|SESSION_SECRET|PORT|HOST|WORKERS|NODE_|VITEST)/;
  const own = Object.entries(process.env).filter(([name]) => !isOurs.test(name));
  const child = spawn(process.execPath, [`${root}.build/demo-app/main.js`, ...args], {
    cwd: root,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return { child, output: () => text };
}

/** Presses a button of the console as a browser without JavaScript does, and waits for what the page says beside it. */
export async function press(
  operator: Customer,
  action: string,
  fields: Record<string, string | number> = {},
): Promise<{ state: string; sentence: string }> {
  const fromHere = { "Sec-Fetch-Site": "same-origin" };
  const { status, headers } = await operator.submit(`/operator/move/${action}`, fields, fromHere);
  if (status !== 303) throw new Error(`the button ${action} was answered with ${status}`);
  const slot = String(headers["location"]).split("#")[1]!;
  const outcome = new RegExp(`<p class="outcome (\\w*)" id="${slot}-outcome">([^]*?)</p>`);
  for (;;) {
    const { text } = await operator.get("/operator/move");
    const [, state = "", sentence = ""] = outcome.exec(text)!;
    if (state !== "running") return { state, sentence: sentence.replace(/<progress[^]*?<\/progress>/, "").trim() };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
