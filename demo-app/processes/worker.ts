/** A web worker: one of several processes that listen on the same port and keep all state in Redis. */
import { createServer } from "node:http";
import { connectToRedis } from "holdfast";
import { createShop } from "../app.js";
import { Refused } from "../refused.js";
import { readSettings } from "../settings.js";
import { isSimulationMessage } from "../simulation/switch.js";
import { switchInWorker } from "../simulation/switch-in-worker.js";

const { port, host, secret } = readSettings(process.env);
const redis = connectToRedis();
const server = createServer();
const simulation = switchInWorker();
let leaving = false;
/** Requests that wait for new workers, called with whether these have started. */
let waiting: ((came: boolean) => void)[] = [];

// Ctrl-C reaches every process of the terminal; the primary says when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  if (isSimulationMessage(message)) return;
  if (message === "leave") void leave();
  for (const answer of waiting) answer(message !== "not-restarted");
  waiting = [];
});

// A worker that starts while Redis is down responds with "one moment, please" until it is back.
await redis.ready().catch((error: Error) => console.error(error.message));

// Set by the primary if the shop migrates from a database to Redis.
const { LEGACY_DATABASE_URL: databaseUrl } = process.env;
const stores = databaseUrl
  ? await (await import("../move/two-stores.js")).openTwoStores(redis.client, databaseUrl)
  : undefined;

const shop = createShop({
  redis: redis.client,
  stores,
  simulation,
  isMemoryOnly: process.env["EMBEDDED_VALKEY"] === "yes",
  secret,
  worker: `${process.env["WORKER_NUMBER"] ?? 1} · process ${process.pid}`,
  restartWorkers() {
    if (leaving) return Promise.resolve();
    process.send?.("restart");
    return new Promise<void>((resolve, reject) => {
      const failed = new Refused(503, "The new workers did not start, so the old ones stay.");
      waiting.push((came) => (came ? resolve() : reject(failed)));
    });
  },
});
server.on("request", shop.app);
// The primary has tried the port before; if another program has taken it since, there is nothing to retry.
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(port, host);

/** Accepts no new connections, finishes the current requests, and exits. */
async function leave(): Promise<void> {
  if (leaving) return;
  leaving = true;
  // Clients with a request in progress are told to open a new connection, which another worker will accept.
  server.prependListener("request", (_req, res) => res.setHeader("Connection", "close"));
  const closing = shop.close(); // ends the streams of open consoles, which a closed server would wait for
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(idle);
  await closing;
  await stores?.close().catch((error: Error) => console.error(error.message));
  await redis.close().catch(() => {});
  process.exit(0);
}
