/** The shop as an Express app: wiring only. The caller owns the connection to Redis. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { type Express } from "express";
import { redisSession } from "holdfast";
import { console as operatorConsole } from "holdfast/console";
import { commonPasswords, localAuth, RedisAccounts, trackActivity, type LocalAuthOptions } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { twoSides } from "./compare/two-sides.js";
import { csrfProtection } from "./csrf.js";
import { bodyParsers } from "./forms.js";
import { isLocal } from "./local-only.js";
import { redisState } from "./redis/redis-state.js";
import { takeAway, type RedisControl } from "./redis/take-away.js";
import { measureCost } from "./request-cost.js";
import { accountRoutes } from "./routes/account.js";
import { cartRoutes } from "./routes/cart.js";
import { checkoutRoutes } from "./routes/checkout.js";
import { compareRoutes } from "./routes/compare.js";
import type { TwoStores } from "./move/two-stores.js";
import type { Shop } from "./routes/context.js";
import { demoRoutes } from "./routes/demo.js";
import { goodsRoutes } from "./routes/goods.js";
import { notFound, showTrouble } from "./routes/trouble.js";
import { simulationRoutes } from "./routes/simulation.js";
import { securityHeaders } from "./security-headers.js";
import type { SimulationSwitch } from "./simulation/switch.js";
import { firstVisitTtl, sessionSettings } from "./visit.js";

export interface ShopOptions {
  /** A connected client. */
  redis: RedisClientType;
  /** Signs the session cookie and the form tokens. */
  secret: string;
  /** Which process this is, for the panel. */
  worker?: string;
  /** Replaces the worker processes; omitted if there are none. */
  restartWorkers?: () => Promise<void>;
  /** Lets simulated visitors in and out; omitted if there are none. */
  simulation?: SimulationSwitch;
  /** Sessions are in the memory of an embedded Valkey, and nowhere else. */
  isMemoryOnly?: boolean;
  /** What visitors of this machine may do to Redis; omitted if it is not the shop's own. */
  redisControl?: RedisControl;
  /** Set if the shop migrates its sessions from a database to Redis; otherwise they are in Redis. */
  stores?: TwoStores | undefined;
  /** Limits on attempts to log in; defaults to those of holdfast/auth. */
  throttle?: LocalAuthOptions["throttle"];
}

export interface RunningShop {
  readonly app: Express;
  /** Ends what runs beside the requests: the pulse of this process, a step of the migration. */
  close(): Promise<void>;
}

export function createShop(options: ShopOptions): RunningShop {
  const { redis, secret, worker = "1", restartWorkers, simulation, isMemoryOnly = false } = options;
  const { redisControl, stores, throttle } = options;
  const csrf = csrfProtection(secret);
  const { prefix, ttl } = sessionSettings;
  const sessionAtRest = { client: redis, prefix, ttl, worker, stores };
  const shop: Shop = { csrf, sessionAtRest, isMemoryOnly, restartWorkers, simulation, redisControl };
  const sessions = stores
    ? redisSession({ store: stores.store, secret })
    : redisSession({ client: redis, secret, ...sessionSettings, firstVisitTtl });
  const isCommonPassword = commonPasswords();
  const accounts = new RedisAccounts({ client: redis });
  const auth = localAuth({
    accounts,
    sessions,
    client: redis,
    isCommonPassword,
    throttle,
    keeps: ["cart"],
  });
  const operators = operatorConsole({
    sessions,
    auth,
    authorize: isLocal,
    source: stores?.source,
    title: "Holdfast shop",
  });
  const app = express();

  app.disable("x-powered-by");
  app.disable("etag"); // every page counts its view, so no two are the same
  app.set("query parser", "simple");
  app.use(securityHeaders);
  app.use("/assets", express.static(publicFolder(), { cacheControl: false, setHeaders: askAgain }));
  app.use("/operator", operators); // before what belongs to visitors: their session, the tokens of their forms
  app.use("/compare", twoSides({ redis, secret })); // these have sessions of their own
  app.get("/redis.json", redisState(sessions, redis, isMemoryOnly)); // asked while no session can be read
  app.use("/redis", takeAway(redisControl));
  app.use(measureCost(stores !== undefined));
  app.use(sessions);
  app.use(bodyParsers);
  app.use(csrf.check);
  app.use(auth.middleware);
  app.get(/^\/(?!session\.json$)/i, trackActivity({ newVisitors: true })); // bounded by firstVisitTtl
  app.use(
    goodsRoutes(shop),
    cartRoutes(shop),
    checkoutRoutes(shop),
    accountRoutes(shop, auth, isCommonPassword),
    demoRoutes(shop),
  );
  app.use(compareRoutes(shop), simulationRoutes(shop));
  app.use(notFound);
  app.use(showTrouble(shop));
  return { app, close: () => operators.close() };
}

/** Browsers cache the styles but revalidate them, which costs a short response without a session. */
function askAgain(res: { setHeader(name: string, value: string): unknown }): void {
  res.setHeader("Cache-Control", "no-cache");
}

/** `demo-app/public` of the package, whether this file runs as TypeScript or compiled into `.build`. */
function publicFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return join(folder, "demo-app", "public");
}
