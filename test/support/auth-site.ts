/** An app with everything that `localAuth` offers, on a real Redis, and visitors of it. */
import express, { type Express, type Request } from "express";
import session from "express-session";
import { redisSession, RedisSessionStore } from "holdfast";
import { localAuth, requireLogin, requireRecentLogin, type LocalAuth, type LocalAuthOptions } from "holdfast/auth";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { AccountsInMemory } from "./accounts-in-memory.js";

export const secret = "a secret of the tests, long enough";

export interface AuthSite {
  readonly app: Express;
  readonly auth: LocalAuth;
  readonly accounts: AccountsInMemory;
  /** A visitor with cookies of their own. */
  visitor(): ReturnType<typeof agent>;
}

export interface AuthSiteOptions extends LocalAuthOptions {
  redis: RedisClientType;
  /** The app runs express-session itself, with our store. */
  onExpressSession?: boolean;
}

export function authSite({ redis, onExpressSession = false, ...options }: AuthSiteOptions): AuthSite {
  const accounts = (options.accounts ?? new AccountsInMemory()) as AccountsInMemory;
  const sessions = onExpressSession ? undefined : redisSession({ client: redis, secret });
  const theirs = { secret, resave: false, saveUninitialized: false };
  const auth = localAuth({ throttle: false, client: redis, ...(sessions && { sessions }), ...options, accounts });
  const app = express();
  app.set("trust proxy", true);
  app.use(sessions ?? session({ ...theirs, store: new RedisSessionStore({ client: redis }) }));
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.use(auth.middleware);
  const json = auth.json();
  const forms = auth.forms();
  for (const [name, handlers] of [
    ["api", json],
    ["form", forms],
  ] as const) {
    app.post(`/${name}/register`, handlers.register);
    app.post(`/${name}/login`, handlers.logIn);
    app.post(`/${name}/logout`, handlers.logOut);
    app.post(`/${name}/end-device`, handlers.endDevice);
    app.post(`/${name}/end-others`, handlers.endOtherDevices);
    app.post(`/${name}/password`, handlers.changePassword);
  }
  app.get("/api/session", json.session);
  app.get("/api/devices", json.devices);
  app.post("/note", (req, res) => {
    valuesOf(req)["note"] = (req.body as { note?: string } | undefined)?.note ?? "kept";
    res.json({ id: req.sessionID });
  });
  app.get("/me", (req, res) => {
    res.json({ user: (req as { user?: unknown }).user ?? null, id: req.sessionID, note: valuesOf(req)["note"] });
  });
  app.get("/private", requireLogin(), (_req, res) => void res.send("private"));
  app.get("/sensitive", requireRecentLogin(60), (_req, res) => void res.send("sensitive"));
  return { app, auth, accounts, visitor: () => agent(app) };
}

export function valuesOf(req: Request): Record<string, unknown> {
  return req.session as unknown as Record<string, unknown>;
}

/** Changes what Redis holds of a session, as if time had passed or somebody had tampered with it. */
export async function rewrite(redis: RedisClientType, sid: string, change: (session: any) => void): Promise<void> {
  const session = JSON.parse((await redis.get(`sess:${sid}`))!) as object;
  change(session);
  await redis.set(`sess:${sid}`, JSON.stringify(session), { expiration: "KEEPTTL" });
}
