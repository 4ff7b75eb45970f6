/** `redisSession()`: the connection, the store and the life of a request, in one `app.use()`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import session, { type Store } from "express-session";
import type { RedisClientType } from "redis";
import { callOutside, codes, HoldfastError, warnOnce } from "../errors/index.js";
import {
  adapterOf,
  connectToRedis,
  describeConnectFailure,
  type RedisAtUrl,
  type RedisConnection,
  type RedisConnectionClient,
} from "../redis/index.js";
import { warnOfUntrustedProxy } from "./connection-warnings.js";
import { cookieOptionsFor, prepareCookie } from "./cookie/cookie-options.js";
import { derivedKeys } from "./cookie/derived-keys.js";
import { callNext, type Next } from "./hand-over.js";
import { RequestSession } from "./request-session.js";
import { middlewareSettings, type FindListener, type MiddlewareSettings } from "./settings.js";
import type {
  RedisSessionOptions,
  RedisSessionOptionsBase,
  SessionsInStore,
  SessionsWithClient,
  SessionsWithConnection,
} from "./option-types.js";
import { checkOptions } from "./options.js";
import { resolveSecrets, type Secret, type Secrets } from "./cookie/secrets.js";
import { requestSessionOf } from "./session-methods.js";
import { RedisSessionStore, repositoryOf, storeOptionsOf, type SessionRequest } from "../express-session/index.js";
import { wrongCall } from "./failures.js";

/** The middleware that `redisSession()` returns, for Express 4 and 5, Connect and plain `http`. */
export interface RedisSessionMiddleware<S extends Store = Store, C = RedisConnectionClient | undefined> {
  /** Where there is no response, as for the handshake of a WebSocket, pass an empty object. */
  (req: IncomingMessage, res: ServerResponse | Record<string, never>, next: (error?: unknown) => void): void;
  /** The store, which implements express-session's contract. */
  readonly store: S;
  /** The Redis client; `undefined` if the option `store` was given. */
  readonly client: C;
  /** The name of the session cookie. */
  readonly cookieName: string;
  /**
   * Keys derived from the session secrets, for signing something else: one per secret, in the same order. Sign with the
   * first, verify with all. `holdfast/auth` signs its cookie for known browsers this way.
   *
   * @example
   * const [key] = sessions.keysFor("download links");
   */
  keysFor(purpose: string): Buffer[];
  /**
   * Calls `listener` whenever a session is looked up, in the same tick. Commands that it sends to Redis share that
   * round trip: `holdfast/auth` checks a login this way, without making the page wait for a second one.
   *
   * @example
   * sessions.onFind((_req, sid) => void carts.prefetch(sid));
   */
  onFind(listener: FindListener): void;
  /**
   * Resolves once sessions can be read. Rejects with a `HoldfastError`, whose `code` is in docs/errors.md.
   *
   * @example
   * await sessions.ready(); // so that a wrong address is noticed before visitors come
   * app.listen(3000);
   */
  ready(): Promise<void>;
  /**
   * Waits for pending saves, then closes the connection, unless the app gave the client.
   *
   * @example
   * process.once("SIGTERM", () => server.close(() => void sessions.close()));
   */
  close(): Promise<void>;
}

// As in express-session, for stores and apps that expect them on the middleware.
redisSession.Store = session.Store;
redisSession.MemoryStore = session.MemoryStore;
redisSession.Cookie = session.Cookie;
redisSession.Session = session.Session;

/**
 * Session middleware that keeps sessions in Redis.
 *
 * Accepts the options of express-session and connect-redis under their own names; see {@link RedisSessionOptions}.
 * Without `client` and `store` it opens its own connection: to `url`, else to `REDIS_URL` or `REDIS_HOST`.
 *
 * @throws HoldfastError immediately for options that cannot work: see docs/errors.md
 *
 * @example
 * const sessions = redisSession({ url: "redis://localhost:6379", secret: process.env.SESSION_SECRET });
 * await sessions.ready();
 * app.use(sessions);
 */
export function redisSession<S extends Store>(
  options: RedisSessionOptionsBase & SessionsInStore<S>,
): RedisSessionMiddleware<S, undefined>;
/**
 * With your own client, which you connect and close.
 *
 * @example
 * const sessions = redisSession({ client: await createClient({ url }).connect(), secret });
 */
export function redisSession<C extends object>(
  options: RedisSessionOptionsBase & SessionsWithClient<C>,
): RedisSessionMiddleware<RedisSessionStore, C>;
/** With a connection to one server, which the middleware opens and closes. */
export function redisSession(
  options?: RedisSessionOptionsBase & SessionsWithConnection & RedisAtUrl,
): RedisSessionMiddleware<RedisSessionStore, RedisClientType>;
/**
 * With a connection to Sentinel or a cluster, which the middleware opens and closes.
 *
 * @example
 * const sessions = redisSession({ cluster: { nodes: [{ host: "10.0.0.1", port: 6379 }] }, secret });
 */
export function redisSession(
  options: RedisSessionOptionsBase & SessionsWithConnection,
): RedisSessionMiddleware<RedisSessionStore>;
/** With options that may name any of these places. */
export function redisSession(options: RedisSessionOptions): RedisSessionMiddleware;
export function redisSession(options: RedisSessionOptions = {}): RedisSessionMiddleware {
  checkOptions(options);
  const secrets = resolveSecrets(options.secret);
  const cookie = prepareCookie(options.cookie);
  const connection = options.store || options.client ? undefined : connectToRedis(options);
  const client = options.client ?? connection?.client;
  const own = options.store ? undefined : newStore(options, client, connection);
  const store: Store = options.store ?? own!;
  const settings = middlewareSettings(options, cookie, store);
  const connectionState = watchConnection(store, connection);
  const given: object | undefined = options.client || undefined;
  if (given && !adapterOf(given).isOpen) {
    warnOnce(codes.CLIENT_NOT_CONNECTED, `${notConnected(given)} Until then, requests with a session fail.`);
  }

  const middleware = function redisSession(
    req: IncomingMessage,
    res: ServerResponse | Record<string, never>,
    next: Next,
  ): void {
    if (typeof next !== "function") throw wrongCall("`next` is not a function");
    if (!isResponse(res)) return next(wrongCall("`res` is not a response"));
    let requestSession: RequestSession | undefined;
    try {
      requestSession = begin(req, res, next);
    } catch (error) {
      return callNext(req, res, next, error);
    }
    if (!requestSession) next();
    else if (connectionState.firstAttempt)
      void connectionState.firstAttempt.then(() => callOutside(() => requestSession.begin()));
    else requestSession.begin();
  };

  /** `undefined` for a request that gets no session, or already has one. */
  function begin(req: IncomingMessage, res: ServerResponse, next: Next): RequestSession | undefined {
    if (!isRequest(req)) throw wrongCall("`req` is not a request");
    if (requestSessionOf(req) || req.session) {
      if (req.sessionStore !== store) warnOfTakenSession(settings.name);
      return undefined;
    }
    if (connectionState.isDisconnected || !matchesPath(req, settings)) return undefined;
    warnOfUntrustedProxy(req, settings.proxy);
    const list = secretsFor(req, secrets);
    try {
      return new RequestSession(settings, req, res, next, list);
    } catch (error) {
      throw wrongCall("no properties can be set on `req` or `res`, or reading them throws", error);
    }
  }

  return Object.assign(middleware, {
    store,
    client,
    cookieName: settings.name,
    keysFor: (purpose: string) => derivedKeys(secrets.list, purpose),
    onFind: (listener: FindListener) => void settings.findListeners.push(listener),
    ready: () => checkReady(client, connection, own),
    async close() {
      await settings.access.repository.whenIdle();
      if (own) await own.close();
      await connection?.close();
    },
  });
}

function newStore(options: RedisSessionOptions, client: unknown, connection?: RedisConnection): RedisSessionStore {
  try {
    return new RedisSessionStore({ ...storeOptionsOf(options), client });
  } catch (error) {
    void connection?.close();
    throw error;
  }
}

/** As express-session does, we leave it alone; but what the app puts into it does not get into our store. */
function warnOfTakenSession(name: string): void {
  warnOnce(
    codes.SESSION_TAKEN,
    `A request already had a \`req.session\` at the redisSession() with the cookie "${name}", which does nothing for it: ` +
      "another session middleware is mounted before it. Remove that one, or mount each for paths of its own.",
    name,
  );
}

interface ConnectionState {
  /** The store reported that it lost its connection. Requests are served without a session, as in express-session. */
  isDisconnected: boolean;
  /** Settles with the first attempt to connect; earlier requests wait for it. */
  firstAttempt: Promise<void> | undefined;
}

function watchConnection(store: Store, connection: RedisConnection | undefined): ConnectionState {
  const connectionState: ConnectionState = { isDisconnected: false, firstAttempt: undefined };
  store.on("disconnect", () => (connectionState.isDisconnected = true));
  store.on("connect", () => (connectionState.isDisconnected = false));
  connectionState.firstAttempt = connection?.attempted.then(() => (connectionState.firstAttempt = undefined));
  return connectionState;
}

/** A secret set by an earlier middleware (cookie-parser) takes precedence over a generated one. */
function secretsFor({ secret }: SessionRequest & { secret?: unknown }, secrets: Secrets): readonly Secret[] {
  return secrets.isGenerated && typeof secret === "string" && secret ? [secret] : secrets.list;
}

function matchesPath(
  req: SessionRequest & IncomingMessage & { originalUrl?: string },
  settings: MiddlewareSettings,
): boolean {
  const { path } = cookieOptionsFor(req, settings.cookie);
  if (!path || path === "/") return true;
  const url = req.originalUrl ?? req.url ?? "/";
  const pathname = url.startsWith("/") ? url.split(/[?#]/, 1)[0]! : URL.canParse(url) ? new URL(url).pathname : "/";
  return pathname.startsWith(path);
}

/** Any request will do: what makes it a `SessionRequest` is added to it. */
function isRequest(req: IncomingMessage): req is SessionRequest & IncomingMessage {
  return isObject(req) && isObject(req.headers);
}

/** Any object will do: what it cannot do is not asked of it. */
function isResponse(res: unknown): res is ServerResponse {
  return isObject(res);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function notConnected(client: object): string {
  return `The Redis client given as \`client\` is not connected: ${adapterOf(client).howToOpen}.`;
}

async function checkReady(
  client: object | undefined,
  connection: RedisConnection | undefined,
  own: RedisSessionStore | undefined,
): Promise<void> {
  if (connection) return connection.ready();
  if (!own || !client) return;
  if (!adapterOf(client).isOpen) throw new HoldfastError(codes.CLIENT_NOT_CONNECTED, notConnected(client));
  try {
    await repositoryOf(own).find("ready");
  } catch (error) {
    throw describeConnectFailure(error instanceof Error ? (error.cause ?? error) : error, "the given client's address");
  }
}
