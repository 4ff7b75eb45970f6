/** Runs inside the embedded PostgreSQL's process, in memory. */
// oxlint-disable-next-line import/no-unassigned-import -- it begins to listen before anything else is loaded
import "./end-with-the-shop.js";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

/** For the workers, their operator pages, and a command or two in a terminal. */
const maxConnections = 50;

const db = await PGlite.create();
await new PGLiteSocketServer({ db, port: Number(process.argv[2]), host: "127.0.0.1", maxConnections }).start();
process.send?.("ready");
