/** The options of `localAuth()`, and their validation. */
import type { IncomingMessage } from "node:http";
import type { Store } from "express-session";
import { optionInvalid, propertyOf } from "../errors/index.js";
import type { RedisSessionMiddleware } from "../http/index.js";
import type { AccountStore } from "./accounts/account-store.js";
import { storedForm, type UserId } from "./accounts/user-id.js";
import { defaultTimeouts, type LoginTimeouts, type TimeoutOptions, type Timeouts } from "./logins/login-record.js";
import type { IsCommonPassword } from "./passwords/password-refusal.js";
import type { ThrottleOptions } from "./throttle/throttle.js";

/** The options of `localAuth()`. It needs `sessions` or `client`. */
export interface LocalAuthOptions {
  /**
   * Where accounts are stored. Without it, `auth` manages logins that the app begins itself (with its own passport
   * strategies, followed by `auth.begin`): devices, timeouts, and ending logins everywhere.
   *
   * @default none
   * @example new RedisAccounts({ client: sessions.client })
   */
  accounts?: AccountStore | undefined;
  /**
   * What `redisSession()` returned. With it, checking a login takes no extra round trip. Required if there is no
   * `client`.
   *
   * @default none
   * @example redisSession({ secret })
   */
  sessions?: RedisSessionMiddleware<Store, unknown> | undefined;
  /**
   * A client such as `redisSession()` takes, for devices and the throttle. Required if there is no `sessions`.
   *
   * @default the client of `sessions`
   * @example await createClient({ url }).connect()
   */
  client?: unknown;
  /**
   * Prefix of every key in Redis.
   *
   * @default ""
   * @example "shop:"
   */
  prefix?: string | undefined;
  /**
   * How long a login is valid, in seconds: `idle` without a page view, and `absolute` since it began.
   *
   * @default { idle: 3600, absolute: 43200 } // an hour, half a day
   * @example { idle: 900 }
   */
  timeouts?: TimeoutOptions | undefined;
  /**
   * The same with "remember me", in seconds.
   *
   * @default { idle: 1209600, absolute: 2592000 } // two weeks, 30 days
   * @example { absolute: 365 * 86_400 }
   */
  rememberMe?: TimeoutOptions | undefined;
  /**
   * Session keys that are kept when a login ends by its timeouts, or by passport's logout with `keepSessionInfo`: for
   * the same user or an anonymous visitor, but not for another user. Whoever has the cookie can read them.
   *
   * @default []
   * @example ["cart"]
   */
  keeps?: readonly string[] | undefined;
  /**
   * Limits on attempts; `false` for none.
   *
   * @default see `ThrottleOptions`
   * @example { perPair: { attempts: 10, window: 900 } }
   */
  throttle?: ThrottleOptions | false | undefined;
  /**
   * Whether a password is too common to be allowed.
   *
   * @default none is
   * @example commonPasswords()
   */
  isCommonPassword?: IsCommonPassword | undefined;
  /**
   * Returns a visitor's IP address, if it is not `req.ip`: without Express, the one that your proxy reports.
   *
   * @default `req.ip`, else the address of the socket
   * @example (req) => req.headers["x-real-ip"]?.toString()
   */
  addressOf?: ((req: IncomingMessage) => string | undefined) | undefined;
  /**
   * Returns what the list of devices shows for an address.
   *
   * @default the address without its last part, such as `203.0.113.*`
   * @example (address) => cityOf(address) ?? "unknown"
   */
  whereIs?: ((address: string) => string) | undefined;
  /**
   * Until when sessions that passport logged in without this package are taken over. After that they are logged out,
   * and a revocation is remembered only as long as a login can last.
   *
   * @default forever
   * @example new Date("2027-01-31")
   */
  takeOverUntil?: Date | undefined;
  /**
   * Returns the user's id from what the app's own passport stores in a session.
   *
   * @default the value itself, or its `id`
   * @example (serialized) => (serialized as { sub: string }).sub
   */
  userIdOf?: ((serialized: unknown) => UserId | undefined) | undefined;
}

/** How `localAuth()` reaches Redis: through `sessions`, through a client of its own, or both. */
export type LocalAuthConnection =
  { sessions: RedisSessionMiddleware<Store, unknown>; client?: unknown } | { sessions?: undefined; client: unknown };

/** For logins that the app begins itself: no password is checked, so nothing that is about passwords has an effect. */
export interface LocalAuthNoAccounts {
  accounts?: undefined;
  throttle?: false | undefined;
  isCommonPassword?: undefined;
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function loginTimeouts({ timeouts, rememberMe }: LocalAuthOptions): LoginTimeouts {
  return {
    usual: checkedTimeouts("timeouts", timeouts, defaultTimeouts.usual),
    remembered: checkedTimeouts("rememberMe", rememberMe, defaultTimeouts.remembered),
  };
}

/** Beyond some 200,000 years there are no dates, which cookies need. */
const longestTimeout = 1e12;

function checkedTimeouts(name: string, given: TimeoutOptions = {}, defaults: Timeouts): Timeouts {
  const timeouts = { idle: given.idle ?? defaults.idle, absolute: given.absolute ?? defaults.absolute };
  for (const [part, seconds] of Object.entries(timeouts)) {
    if (typeof seconds === "number" && seconds > 0 && seconds <= longestTimeout) continue;
    throw optionInvalid(
      `\`${name}.${part}\` must be a number of seconds above 0 and at most ${longestTimeout}, ` +
        `but is ${String(seconds)}. Omit it for the default`,
    );
  }
  return timeouts;
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function checkDate(name: string, date: Date | undefined): void {
  if (date === undefined || (date instanceof Date && Number.isFinite(date.getTime()))) return;
  throw optionInvalid(`\`${name}\` must be a valid Date, but is ${String(date)}`);
}

/** The default of the option `userIdOf`. */
export function idOf(serialized: unknown): UserId | undefined {
  const isObject = typeof serialized === "object" && serialized !== null;
  const id = isObject ? storedForm(propertyOf(serialized, "id")) : serialized;
  return typeof id === "string" || typeof id === "number" || typeof id === "bigint" ? id : undefined;
}
