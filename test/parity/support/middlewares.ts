/** The middlewares that must behave alike: ours, and plain express-session on our store. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { RedisStore } from "connect-redis";
import session, { type CookieOptions, type SessionOptions, type Store } from "express-session";
import { redisSession, RedisSessionStore, type RedisSessionOptions } from "holdfast";
import type { RedisClientType } from "redis";

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** `sameSite: "auto"` is documented by express-session and missing in its types. */
export type AnyCookieOptions = Omit<CookieOptions, "sameSite"> & { sameSite?: CookieOptions["sameSite"] | "auto" };

/** express-session's options; without `store` the sessions are in Redis under `prefix`. */
export interface ParityOptions extends Omit<SessionOptions, "cookie" | "secret" | "genid"> {
  secret?: SessionOptions["secret"] | undefined;
  cookie?: AnyCookieOptions | ((req: IncomingMessage) => AnyCookieOptions) | undefined;
  genid?: ((req: IncomingMessage) => string) | undefined;
  /** The old name of `name`. */
  key?: string;
  store?: Store;
  client: RedisClientType;
  prefix: string;
  /** Lifetime in Redis of a session whose cookie has none, in seconds. */
  ttl?: number;
}

export interface Candidate {
  name: string;
  create(options: ParityOptions): Middleware;
}

export const ours: Candidate = {
  name: "redisSession",
  create({ client, prefix, ttl, ...options }) {
    const where = options.store ? {} : { client, prefix, ttl };
    return redisSession({ ...options, ...where } as RedisSessionOptions);
  },
};

/** The same with sessions that are compressed in Redis, however short they are. */
const compressing: Candidate = {
  name: "redisSession, compressing",
  create: ({ client, prefix, ttl, ...options }) => {
    const where = options.store ? {} : { client, prefix, ttl, compress: 1 };
    return redisSession({ ...options, ...where } as RedisSessionOptions);
  },
};

function expressSession(newStore: (options: { client: RedisClientType; prefix: string; ttl?: number }) => Store) {
  return ({ client, prefix, ttl, ...options }: ParityOptions): Middleware => {
    const store = options.store ?? newStore({ client, prefix, ttl });
    return session({ ...options, store } as SessionOptions) as unknown as Middleware;
  };
}

export const plain: Candidate = {
  name: "express-session with RedisSessionStore",
  create: expressSession((options) => new RedisSessionStore(options)),
};

/** Not a part of this package: it shows that the tests describe express-session as its users know it. */
export const control: Candidate = {
  name: "express-session with connect-redis",
  create: expressSession((options) => new RedisStore(options)),
};

/** `PARITY_CONTROL=1` adds the control. */
export const candidates: Candidate[] = [ours, plain, compressing, ...(process.env["PARITY_CONTROL"] ? [control] : [])];
