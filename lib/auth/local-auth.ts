/** `localAuth()`: everything about logins in one place, on top of a session middleware. */
import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { codes, HoldfastError } from "../errors/index.js";
import type { RedisSessionMiddleware } from "../middleware/index.js";
import { checkClient, guardClient } from "../redis/index.js";
import type { AccountStore } from "./account-store.js";
import { authActions, type AuthActions } from "./actions.js";
import { DeviceList } from "./device-list.js";
import type { AuthEvents } from "./events.js";
import { formHandlers, jsonHandlers, type FormHandlers, type FormOptions, type JsonHandlers } from "./handlers.js";
import { defaultTimeouts, type Timeouts } from "./login-record.js";
import { Logins } from "./logins.js";
import type { AuthRequest } from "./session-change.js";
import { Throttle, type ThrottleOptions } from "./throttle.js";
import { publicUser, type User } from "./user.js";
import { coarseAddress } from "./visitor.js";

export interface LocalAuthOptions {
  /**
   * Where accounts live. Without them, `auth` looks after logins that the app makes by itself (its own passport
   * strategies, followed by `auth.begin`): devices, timeouts, and ending them everywhere.
   */
  accounts?: AccountStore;
  /** What `redisSession()` returned. With it, checking a login costs no round trip of its own. */
  sessions?: RedisSessionMiddleware;
  /** A connected client of the `redis` package, for devices and the throttle. Default: that of `sessions`. */
  client?: unknown;
  /** Put before every key in Redis. Default: nothing. */
  prefix?: string;
  /** How long a login counts, in seconds. Default: `idle` 3600 (an hour), `absolute` 43,200 (half a day). */
  timeouts?: Partial<Timeouts>;
  /** The same with "remember me". Default: `idle` 1,209,600 (two weeks), `absolute` 2,592,000 (30 days). */
  rememberMe?: Partial<Timeouts>;
  /** Limits on attempts; `false` for none. Default: see `ThrottleOptions`. */
  throttle?: ThrottleOptions | false;
  /** Whether a password is too common to be allowed, as `commonPasswords()` tells. Default: none is. */
  isCommonPassword?: (password: string) => boolean | Promise<boolean>;
  /** What the list of devices says of an address. Default: the address without its last part. */
  whereIs?: (address: string) => string;
  /** The user's id in what the app's own passport puts into a session. Default: the value itself, or its `id`. */
  userIdOf?: (serialized: unknown) => string | undefined;
}

type Next = (error?: unknown) => void;

export interface LocalAuth extends AuthActions {
  /** Sets `req.user`, and ends logins that do not hold any more. Mount it after the session middleware. */
  readonly middleware: (req: IncomingMessage, res: ServerResponse, next: Next) => void;
  /** Handlers for POST requests of HTML forms: they answer with redirects. Mount a body parser before them. */
  forms(options?: FormOptions): FormHandlers;
  /** Handlers for JSON: they answer with status codes and bodies. Mount a body parser before them. */
  json(): JsonHandlers;
  /** For an audit log; see `AuthEvents`. */
  readonly events: EventEmitter<AuthEvents>;
}

/** @throws HoldfastError `HOLDFAST_CLIENT_INVALID` without `sessions` or `client` */
export function localAuth(options: LocalAuthOptions): LocalAuth {
  const { accounts, sessions, prefix = "", throttle: limits = {} } = options;
  const client = options.client ?? sessions?.client;
  checkClient(client);
  const timeouts = {
    usual: { ...defaultTimeouts.usual, ...options.timeouts },
    remembered: { ...defaultTimeouts.remembered, ...options.rememberMe },
  };
  checkTimeouts("timeouts", timeouts.usual);
  checkTimeouts("rememberMe", timeouts.remembered);
  const events = new EventEmitter<AuthEvents>();
  const throttle = limits === false ? undefined : new Throttle({ client, prefix: `${prefix}throttle:`, ...limits });
  const logins = new Logins({
    devices: new DeviceList(guardClient(client), { prefix, timeouts }),
    timeouts,
    events,
    whereIs: options.whereIs ?? coarseAddress,
    idOf: options.userIdOf ?? idOf,
    userOf,
  });
  sessions?.onFind((req, sid) => logins.expect(req as AuthRequest, sid));
  const actions = authActions({
    accounts,
    logins,
    throttle,
    events,
    isCommonPassword: options.isCommonPassword,
    cookieName: sessions?.cookieName,
  });

  return {
    ...actions,
    events,
    forms: (formOptions = {}) => formHandlers(actions, formOptions),
    json: () => jsonHandlers(actions),
    middleware(req, _res, next) {
      const request = req as AuthRequest;
      const restored = logins.restore(request).then((user) => {
        if (accounts) request.user = user;
      });
      // Outside the promise: an app that throws in `next()` must not become an unhandled rejection of ours.
      restored.then(
        () => process.nextTick(next),
        (error: unknown) => process.nextTick(next, error),
      );
    },
  };

  /** Without accounts of ours, an id is all that we know of the app's users. */
  async function userOf(id: string): Promise<User | undefined> {
    if (!accounts) return { id, username: id, createdAt: 0 };
    const account = await accounts.findById(id);
    return account && !account.isDisabled ? publicUser(account) : undefined;
  }
}

function checkTimeouts(name: string, timeouts: Timeouts): void {
  for (const [part, seconds] of Object.entries(timeouts)) {
    if (typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0) continue;
    throw new HoldfastError(
      codes.OPTION_INVALID,
      `The option \`${name}.${part}\` must be a number of seconds above 0, and is ${String(seconds)}. Leave it out for the default.`,
    );
  }
}

function idOf(serialized: unknown): string | undefined {
  const id = typeof serialized === "object" && serialized !== null ? (serialized as { id?: unknown }).id : serialized;
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
