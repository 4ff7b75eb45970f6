/** The shop as an Express app: wiring only. Whoever makes it owns the connection to Redis. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { type Express } from "express";
import { redisSession } from "holdfast";
import { localAuth, RedisAccounts } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { csrfProtection } from "./csrf.js";
import { bodyParsers } from "./forms.js";
import { measureCost } from "./request-cost.js";
import { accountRoutes } from "./routes/account.js";
import { cartRoutes } from "./routes/cart.js";
import type { Shop } from "./routes/context.js";
import { demoRoutes } from "./routes/demo.js";
import { goodsRoutes } from "./routes/goods.js";
import { notFound, showTrouble } from "./routes/trouble.js";
import { securityHeaders } from "./security-headers.js";
import { countPageView, mergeRules } from "./visit.js";

export interface ShopOptions {
  /** A connected client. */
  redis: RedisClientType;
  /** Signs the session cookie and the form tokens. */
  secret: string;
  /** Which process this is, for the panel. */
  worker?: string;
  /** Replaces the worker processes; leave it out where there are none. */
  restartWorkers?: () => Promise<void>;
}

/** A cart stays for a day after the last visit. In seconds. */
const ttl = 86_400;
const prefix = "sess:";

export function createShop({ redis, secret, worker = "1", restartWorkers }: ShopOptions): Express {
  const csrf = csrfProtection(secret);
  const shop: Shop = { csrf, sessionAtRest: { client: redis, prefix, ttl, worker }, restartWorkers };
  const auth = localAuth({ accounts: new RedisAccounts({ client: redis }) });
  const app = express();

  app.disable("x-powered-by");
  app.disable("etag"); // every page counts its view, so no two are the same
  app.set("query parser", "simple");
  app.use(securityHeaders);
  app.use("/assets", express.static(publicFolder(), { cacheControl: false, setHeaders: askAgain }));
  app.use(measureCost());
  app.use(redisSession({ client: redis, secret, prefix, ttl, merge: mergeRules }));
  app.use(bodyParsers);
  app.use(csrf.check);
  app.use(auth.middleware);
  app.get(/^\/(?!session\.json$)/, countPageView);
  app.use(goodsRoutes(shop), cartRoutes(shop), accountRoutes(shop, auth), demoRoutes(shop));
  app.use(notFound);
  app.use(showTrouble(shop));
  return app;
}

/** Browsers keep the styles but ask whether they are current, which is one short answer without a session. */
function askAgain(res: { setHeader(name: string, value: string): unknown }): void {
  res.setHeader("Cache-Control", "no-cache");
}

/** `demo-app/public` of the package, whether this file runs as TypeScript or compiled into `.build`. */
function publicFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return join(folder, "demo-app", "public");
}
