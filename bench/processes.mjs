// The bench's child processes: asked by message, one question at a time; all are stopped at the end, whatever ends it.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endWithNpm } from "../scripts/end-with-npm.mjs";

endWithNpm();
const stops = new Set();

/** Has `stop` called when the run ends, also on Ctrl-C. @returns what stops it before that */
export function stopAtEnd(stop) {
  stops.add(stop);
  return async () => {
    if (stops.delete(stop)) await stop();
  };
}

/** Once, however often it is called. */
export function stopAll() {
  return (stopping ??= stopEach());
}

let stopping;

async function stopEach() {
  while (stops.size > 0) {
    const [stop] = [...stops].slice(-1);
    stops.delete(stop);
    await stop();
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    process.on("uncaughtException", () => {}); // questions to processes that are stopped
    await stopAll();
    process.exit(130);
  });
}

/** The load generator. */
export function startLoad() {
  return start("load.mjs", []);
}

/** An app process; `undefined` where the package does not have this variant. @param node the program, if another */
export async function startApp(name, at, node = process.execPath) {
  const app = start("app.mjs", [JSON.stringify([name, at])], node);
  const { notBuilt, port, hasStore } = await app.next();
  return notBuilt ? undefined : Object.assign(app, { name, port, hasStore });
}

/** Any process of the benchmark. @param file relative to bench/ */
export function start(file, args, node = process.execPath) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { ...process.env, NODE_ENV: "production", NODE_NO_WARNINGS: "1" };
  const child = fork(path, args, { env, execPath: node, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const next = () =>
    new Promise((resolve, reject) => {
      const onExit = () => reject(new Error(`${file} ${args.join(" ")} ended`));
      child.once("exit", onExit);
      child.once("message", (message) => {
        child.off("exit", onExit);
        if (message.error) reject(new Error(message.error));
        else resolve(message);
      });
    });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || !child.connected;

  async function stop() {
    stops.delete(stop);
    if (hasEnded()) return;
    await new Promise((done) => {
      child.once("exit", done);
      child.disconnect();
    });
  }
  stopAtEnd(stop);

  return {
    next,
    stop,
    async ask(question, order = {}) {
      const answer = next();
      child.send({ ask: question, ...order }, () => {}); // if it cannot be sent, the child is ending
      return (await answer).answer;
    },
  };
}
