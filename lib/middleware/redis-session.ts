/** `redisSession()`: the connection, the store and the life of a request, in one `app.use()`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Store } from "express-session";
import { codes, HoldfastError, warnOnce } from "../errors/index.js";
import { connectToRedis, describeConnectFailure, type RedisConnection } from "../redis/index.js";
import { RedisSessionStore, type RedisSessionStoreOptions } from "../store/index.js";
import { warnOfUntrustedProxy } from "./connection-warnings.js";
import { LifeCycle, lifeCycleOf, type FindListener, type LifeCycleSettings } from "./life-cycle.js";
import { checkOptions, resolveSecrets, type RedisSessionOptions, type Secrets } from "./options.js";
import { cookieOptionsFor, generateId, prepareCookie, VerifiedCookies, type Secret } from "./session-cookie.js";
import { recordsOf, type SessionRequest } from "./session-records.js";

/** A middleware for Express 4, Express 5, Connect and plain `http`, with what belongs to it. */
export interface RedisSessionMiddleware<S extends Store = Store> {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  /** The store, as express-session's contract has it. */
  readonly store: S;
  /** The Redis client; `undefined` when `store` was given. */
  readonly client: RedisSessionStoreOptions["client"];
  /** The name of the session cookie. */
  readonly cookieName: string;
  /**
   * Calls `listener` whenever a session is asked for, in the same turn. What it sends to Redis shares that round trip:
   * `holdfast/auth` checks a login so, without making the page wait for a second one.
   */
  onFind(listener: FindListener): void;
  /** Resolves once sessions can be read; rejects with the reason, in words (`error.code` is in docs/errors.md). */
  ready(): Promise<void>;
  /** Waits for the saves under way; then ends the connection, unless it is yours. */
  close(): Promise<void>;
}

/**
 * Session middleware that keeps sessions in Redis.
 *
 * Takes the options of express-session and of connect-redis under their names; see {@link RedisSessionOptions}.
 * Without `client` and `store` it connects by itself, to `url` or to what `REDIS_URL` or `REDIS_HOST` name.
 *
 * @throws HoldfastError at once for options that cannot work: see docs/errors.md
 */
export function redisSession<S extends Store>(options: RedisSessionOptions & { store: S }): RedisSessionMiddleware<S>;
export function redisSession(options?: RedisSessionOptions): RedisSessionMiddleware<RedisSessionStore>;
export function redisSession(options: RedisSessionOptions = {}): RedisSessionMiddleware {
  checkOptions(options);
  const secrets = resolveSecrets(options.secret);
  const connection = options.store || options.client ? undefined : connectToRedis(options);
  const client = options.client ?? connection?.client;
  const store = options.store ?? new RedisSessionStore({ ...options, client });
  const settings = lifeCycleSettings(options, store);
  const availability = watchAvailability(store, connection);
  if (options.client && !isOpen(client)) {
    warnOnce(codes.CLIENT_NOT_CONNECTED, `${notConnected} Until then, requests with a session fail.`);
  }

  const middleware = function redisSession(
    req: IncomingMessage,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): void {
    const request = req as SessionRequest & IncomingMessage;
    if (lifeCycleOf(request) || request.session) return next();
    if (availability.isDisconnected || !matchesPath(request, settings)) return next();
    warnOfUntrustedProxy(request, settings.proxy);
    const lifeCycle = new LifeCycle(settings, request, res, next, secretsFor(request, secrets));
    if (availability.opening) void availability.opening.then(() => lifeCycle.begin());
    else lifeCycle.begin();
  };

  return Object.assign(middleware, {
    store,
    client,
    cookieName: settings.name,
    onFind: (listener: FindListener) => void settings.findListeners.push(listener),
    ready: () => checkReady(client, connection, store),
    async close() {
      await settings.records.idle();
      if (!options.store && store instanceof RedisSessionStore) await store.close();
      await connection?.close();
    },
  });
}

function lifeCycleSettings(options: RedisSessionOptions, store: Store): LifeCycleSettings {
  // express-session puts this on the store, and `Store.prototype.regenerate` calls it.
  (store as Store & { generate(req: SessionRequest): void }).generate = (req) => lifeCycleOf(req)?.generate();
  return {
    store,
    records: recordsOf(store),
    name: options.name || options.key || "connect.sid",
    cookie: prepareCookie(options.cookie),
    verified: new VerifiedCookies(),
    generateId: options.genid ?? generateId,
    proxy: options.proxy,
    resave: options.resave ?? false,
    rolling: options.rolling ?? false,
    saveUninitialized: options.saveUninitialized ?? false,
    destroyWhenUnset: options.unset === "destroy",
    servesAnonymously: options.whenDown === "anonymous",
    findListeners: [],
  };
}

interface Availability {
  /** A store said that it lost its connection; requests are served without a session, as express-session does. */
  isDisconnected: boolean;
  /** Settles when the first attempt to connect does; requests that come before wait for it. */
  opening: Promise<void> | undefined;
}

function watchAvailability(store: Store, connection: RedisConnection | undefined): Availability {
  const availability: Availability = { isDisconnected: false, opening: undefined };
  store.on("disconnect", () => (availability.isDisconnected = true));
  store.on("connect", () => (availability.isDisconnected = false));
  availability.opening = connection?.attempted.then(() => (availability.opening = undefined));
  return availability;
}

/** Where an earlier middleware (cookie-parser) brought a secret along, it goes before one that we made up. */
function secretsFor(req: SessionRequest, secrets: Secrets): readonly Secret[] {
  const brought = (req as { secret?: unknown }).secret;
  return secrets.isGenerated && typeof brought === "string" && brought ? [brought] : secrets.list;
}

function matchesPath(req: SessionRequest & IncomingMessage, settings: LifeCycleSettings): boolean {
  const { path } = cookieOptionsFor(req, settings.cookie);
  if (path === undefined || path === "/") return true;
  const url = (req as { originalUrl?: string }).originalUrl ?? req.url ?? "/";
  const pathname = url.startsWith("/") ? url.split(/[?#]/, 1)[0]! : URL.canParse(url) ? new URL(url).pathname : "/";
  return pathname.startsWith(path);
}

const notConnected = "The Redis client given as `client` is not connected: call `await client.connect()`.";

function isOpen(client: { isOpen?: boolean }): boolean {
  return client.isOpen !== false;
}

async function checkReady(client: unknown, connection: RedisConnection | undefined, store: Store): Promise<void> {
  if (connection) return connection.ready();
  if (!client) return;
  if (!isOpen(client)) throw new HoldfastError(codes.CLIENT_NOT_CONNECTED, notConnected);
  if (!(store instanceof RedisSessionStore)) return;
  try {
    await store.find("ready");
  } catch (error) {
    throw describeConnectFailure(error instanceof Error ? (error.cause ?? error) : error, "the given client's address");
  }
}
