/** A web worker: one of several processes that listen on the same port and keep all state in Redis. */
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { RedisConnection } from "holdfast";
import type { RedisClientType } from "redis";
import type { RunningShop } from "../app.js";
import type { TwoStores } from "../move/two-stores.js";
import { Refused } from "../refused.js";
import { readSettings } from "../settings.js";
import { isSimulationMessage, type SimulationMessage } from "../simulation/switch.js";
import { switchInWorker } from "../simulation/switch-in-worker.js";
import type { FromWorker, Order, ToWorker } from "./orders.js";

const { port, host, secret } = readSettings(process.env);
// Set by the primary: the first if the shop migrates from a database to Redis.
const { LEGACY_DATABASE_URL: databaseUrl, EMBEDDED_VALKEY: embedded, WORKER_NUMBER: number = "1" } = process.env;
const server = createServer();
const simulation = switchInWorker();
/** Emits the outcome of each order. */
const outcomes = new EventEmitter().setMaxListeners(0);
let redis: RedisConnection<RedisClientType> | undefined;
let stores: Promise<TwoStores> | undefined;
let shop: RunningShop | undefined;
let leaving = false;

// Ctrl-C reaches every process of the terminal; the primary says when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToWorker | SimulationMessage) => {
  if (isSimulationMessage(message)) return;
  if (message !== "leave") return void outcomes.emit(message.order, message.isDone);
  outcomes.emit("restart-workers", true); // it leaves because others have come
  void leave();
});
tell("hears");
await open();

async function open(): Promise<void> {
  // Loaded here, because it takes a while, during which the primary may say that this one is to leave.
  const [{ connectToRedis }, { createShop }] = await Promise.all([import("holdfast"), import("../app.js")]);
  if (leaving) return;
  redis = connectToRedis();
  const { client } = redis;
  // A worker that starts while Redis is down responds with "one moment, please" until it is back.
  await redis.ready().catch((error: Error) => {
    if (!leaving) console.error(error.message);
  });
  if (leaving) return;
  if (databaseUrl)
    stores = import("../move/two-stores.js").then(({ openTwoStores }) => openTwoStores(client, databaseUrl));
  const opened = await stores;
  if (leaving) return;
  const isMemoryOnly = embedded === "yes" && !opened;
  shop = createShop({
    redis: client,
    stores: opened,
    simulation,
    isMemoryOnly,
    secret,
    worker: `${number} · process ${process.pid}`,
    async restartWorkers() {
      if (!leaving) await order("restart-workers", "The new workers did not start, so the old ones stay.");
    },
    // The state of a migration is in Redis too, so that one would end with it.
    ...(isMemoryOnly && {
      redisControl: {
        freeze: () => order("freeze-redis", "Redis could not be frozen."),
        restart: () => order("restart-redis", "Redis could not be restarted."),
      },
    }),
  });
  server.on("request", shop.app);
  // The primary has tried the port before; if another program has taken it since, there is nothing to retry.
  server.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
  server.listen(port, host);
}

/** Resolves once the primary has done it. @throws Refused */
async function order(what: Order, failure: string): Promise<void> {
  tell(what);
  const [isDone] = await once(outcomes, what);
  if (!isDone) throw new Refused(503, failure);
}

function tell(message: FromWorker): void {
  process.send?.(message, () => {}); // if it cannot be sent, the shop is ending
}

/** Accepts no new connections, finishes the current requests, and exits. It may be starting still. */
async function leave(): Promise<void> {
  if (leaving) return;
  leaving = true;
  // Clients with a request in progress are told to open a new connection, which another worker will accept.
  server.prependListener("request", (_req, res) => res.setHeader("Connection", "close"));
  const closing = shop?.close(); // ends the streams of open consoles, which a closed server would wait for
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(idle);
  await closing;
  await stores?.then((opened) => opened.close()).catch((error: Error) => console.error(error.message));
  await redis?.close().catch(() => {});
  process.exit(0);
}
