/** Runs inside the embedded PostgreSQL's process, in memory: lives as long as the shop that started it. */
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

// Ctrl-C reaches every process of the terminal; this one waits until the workers have saved their last sessions.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The channel closes when the shop stops, and also when it is killed.
process.on("disconnect", () => process.exit(0));

/** For the workers, their operator pages, and a command or two in a terminal. */
const maxConnections = 50;

const db = await PGlite.create();
await new PGLiteSocketServer({ db, port: Number(process.argv[2]), host: "127.0.0.1", maxConnections }).start();
process.send?.("ready");
