/** `localAuth()`: connects the parts of `holdfast/auth` to a session middleware. */
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { callOutside } from "../errors/index.js";
import { checkClient, guardClient } from "../redis/index.js";
import type { AccountStore } from "./accounts/account-store.js";
import { publicUser, type User } from "./accounts/user.js";
import { asUserId, storedForm, withTextIds } from "./accounts/user-id.js";
import type { AuthActions, LoginActions } from "./actions/auth-actions.js";
import { boundActions } from "./actions/bind-actions.js";
import { credentialsChecker } from "./actions/check-credentials.js";
import {
  checkDate,
  idOf,
  loginTimeouts,
  type LocalAuthConnection,
  type LocalAuthNoAccounts,
  type LocalAuthOptions,
} from "./auth-options.js";
import type { AuthEvents } from "./events.js";
import { formHandlers, type FormHandlers, type FormOptions } from "./http/form-handlers.js";
import type { AccountAction } from "./http/handled-actions.js";
import { jsonHandlers, type JsonHandlers } from "./http/json-handlers.js";
import { passportMethods } from "./http/passport-methods.js";
import type { CheckOptions } from "./logins/current-login.js";
import { DeviceList } from "./logins/device-list.js";
import { checkKeeps } from "./logins/kept-contents.js";
import { Logins } from "./logins/logins.js";
import type { EndedReason } from "./logins/watched-logins.js";
import { linkResponse } from "./request/responses.js";
import { authOf } from "./request/auth-request.js";
import type { Handler } from "./request/handler.js";
import { hasUserOfTheApp, setRestoredUser } from "./request/restored-user.js";
import { addressReader, coarseAddress } from "./request/visitor.js";
import { knownBrowsers } from "./throttle/known-browsers.js";
import { Throttle } from "./throttle/throttle.js";

/** What `localAuth()` always returns. */
export interface LocalAuthParts {
  /**
   * Sets `req.user`, unless your own passport has, ends logins that are no longer valid, and makes `req.logIn` and `req.logOut`, which passport's
   * strategies call, begin and end logins of this package. Mount it after the session middleware.
   *
   * @example
   *
   *     app.use(sessions, auth.middleware);
   */
  readonly middleware: Handler;
  /**
   * Events for an audit log; see `AuthEvents`.
   *
   * @example
   *
   *     auth.events.on("login", ({ user, address, at }) => console.log("login", user, address, new Date(at)));
   */
  readonly events: EventEmitter<AuthEvents>;
  /**
   * Who is logged in on this request now; undefined if nobody is. For sockets, whose request may be hours old: it asks
   * Redis whether the session is still there, and its login still valid. It changes nothing, and does not count as a
   * page view unless the user is `active`. The session middleware must have run for the request, `auth.middleware` need
   * not.
   *
   * @throws HoldfastError `SESSION_STORE_UNAVAILABLE`; `HOLDFAST_OPTION_INVALID` if no session middleware has run
   * @example
   *
   *     const user = await auth.check(socket.request);
   *     if (!user) socket.close();
   */
  check(req: IncomingMessage, options?: CheckOptions): Promise<User | undefined>;
  /**
   * Calls `listener` once, when the login of this request is over: `ended` if it was logged out or ended in any process,
   * `expired` by its timeouts. If nobody is logged in, that is at once. Returns a function that stops waiting: call it
   * when the socket closes. One connection to Redis serves all sockets of a process.
   *
   * @example
   *
   *     const stop = auth.onEnded(socket.request, () => socket.close());
   *     socket.once("close", stop);
   */
  onEnded(req: IncomingMessage, listener: (reason: EndedReason) => unknown): () => void;
}

/** What `localAuth()` returns with `accounts`. */
export interface LocalAuth extends AuthActions, LocalAuthParts {
  /**
   * Handlers for POST requests of HTML forms, which respond with redirects. Mount a body parser before them.
   *
   * @example
   *
   *     const forms = auth.forms({ pages: { afterLogin: "/account" } });
   *     app.post("/login", express.urlencoded({ extended: false }), forms.logIn);
   */
  forms(options?: FormOptions): FormHandlers;
  /**
   * Handlers for JSON requests, which respond with status codes and JSON. Mount a body parser before them.
   *
   * @example
   *
   *     const api = auth.json();
   *     app.post("/api/login", express.json(), api.logIn);
   *     app.get("/api/session", api.session);
   */
  json(): JsonHandlers;
}

/** What `localAuth()` returns without `accounts`, for logins that the app begins with `auth.begin` or with passport. */
export interface LocalAuthWithoutAccounts extends LoginActions, LocalAuthParts {
  /**
   * Handlers for POST requests of HTML forms, like those of `LocalAuth`, except those that need accounts.
   *
   * @example
   * app.post("/logout", auth.forms().logOut);
   */
  forms(options?: FormOptions): Omit<FormHandlers, AccountAction>;
  /**
   * Handlers for JSON requests, like those of `LocalAuth`, except those that need accounts.
   *
   * @example
   * app.get("/api/session", auth.json().session);
   */
  json(): Omit<JsonHandlers, AccountAction>;
}

/**
 * Logins for an app: actions, HTTP handlers, devices, timeouts, limits on guessing, events.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID` without `sessions` or `client`; `HOLDFAST_OPTION_INVALID`
 * @example
 *
 *     const sessions = redisSession({ secret });
 *     const auth = localAuth({ sessions, accounts: new RedisAccounts({ client: sessions.client }) });
 *     app.use(sessions, auth.middleware);
 */
export function localAuth(options: LocalAuthOptions & LocalAuthConnection & { accounts: AccountStore }): LocalAuth;
/**
 * For logins that the app begins itself, with `auth.begin` or passport's strategies: devices, timeouts, logout, events.
 *
 * @example
 *
 *     const auth = localAuth({ sessions });
 *     app.use(sessions, auth.middleware, passport.session());
 */
export function localAuth(
  options: LocalAuthOptions & LocalAuthConnection & LocalAuthNoAccounts,
): LocalAuthWithoutAccounts;
/** For an app that may or may not have accounts, and says so by naming them: what both cases have in common. */
export function localAuth(
  options: LocalAuthOptions & LocalAuthConnection & { accounts: AccountStore | undefined },
): LocalAuth | LocalAuthWithoutAccounts;
export function localAuth(options: LocalAuthOptions): LocalAuth {
  const { sessions, takeOverUntil, prefix = "", throttle: limits = {}, keeps = [], userIdOf = idOf } = options;
  const accounts = options.accounts && withTextIds(options.accounts);
  const client = options.client ?? sessions?.client;
  checkClient(client);
  const timeouts = loginTimeouts(options);
  checkKeeps(keeps);
  checkDate("takeOverUntil", takeOverUntil);
  const events = new EventEmitter<AuthEvents>();
  const addressOf = addressReader(options.addressOf);
  const throttle = limits === false ? undefined : new Throttle({ client, prefix: `${prefix}throttle:`, ...limits });
  const browsers = throttle && knownBrowsers({ ...limits, knownFor: throttle.knownFor }, sessions);
  const users = {
    idOf: (serialized: unknown) => asUserId(storedForm(userIdOf(storedForm(serialized)))),
    userOf,
  };
  const logins = new Logins({
    devices: new DeviceList(guardClient(client), { prefix, timeouts, takeOverUntil }),
    timeouts,
    events,
    addressOf,
    keeps,
    takeOverUntil,
    whereIs: options.whereIs ?? coarseAddress,
    ...users,
  });
  const methods = passportMethods({ logins, ...users });
  sessions?.onFind((req, sid) => logins.prefetch(req, sid));
  const deps = { logins, events, addressOf, cookieName: sessions?.cookieName };
  const { isCommonPassword } = options;
  const bound = boundActions(
    accounts
      ? { ...deps, accounts, checkCredentials: credentialsChecker(accounts), throttle, browsers, isCommonPassword }
      : deps,
  );

  return {
    ...bound.actions,
    events,
    forms: (formOptions = {}) => formHandlers(bound, formOptions),
    check: async (req, checkOptions) => (await logins.current(authOf(req), checkOptions))?.user,
    onEnded: (req, listener) => logins.onEnded(authOf(req), listener),
    json: () => jsonHandlers(bound, async (req) => (await logins.checkedLogin(req))?.user),
    middleware(req, res, next) {
      const request = Object.assign(authOf(req), methods);
      linkResponse(req, res);
      const restored = logins.restore(request).then((user) => {
        if (user && (accounts || !hasUserOfTheApp(request))) setRestoredUser(request, user);
        else if (accounts) request.user = undefined;
      });
      // Outside the promise: if the app throws in `next()`, it must not become an unhandled rejection.
      restored.then(
        () => callOutside(next),
        (error: unknown) => callOutside(next, error),
      );
    },
  };

  /** Without `accounts`, only the ids of the app's users are known. */
  async function userOf(id: string): Promise<User | undefined> {
    if (!accounts) return { id, username: id, createdAt: 0 };
    const account = await accounts.findById(id);
    return account && !account.isDisabled ? publicUser(account) : undefined;
  }
}
