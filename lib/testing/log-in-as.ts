/** Logins for the visitors of a test, without a password: as `auth.begin` begins them. */
import { EventEmitter } from "node:events";
import { loginTimeouts } from "../auth/auth-options.js";
import { userWithId, type UserId } from "../auth/accounts/user-id.js";
import type { User } from "../auth/accounts/user.js";
import { DeviceList } from "../auth/logins/device-list.js";
import { Logins, type BeginOptions } from "../auth/logins/logins.js";
import { setupInvalid } from "../errors/index.js";
import { guardClient, type RedisClient } from "../redis/index.js";
import type { AnySessions } from "./any-sessions.js";
import { addCookie, type TestAgent } from "./cookie-jar.js";
import { refuseInProduction } from "./refuse-in-production.js";
import { newCookie, type TestSessionValues } from "./session-of.js";

/** Whoever is to be logged in. Only the id is needed; the rest is what `req.user` shows. */
export type TestUser = Partial<Omit<User, "id">> & { readonly id: UserId };

/** How a login for a test begins. */
export interface LogInAsOptions extends BeginOptions {
  /**
   * Whether the user has just proved their identity; a date says when. Used by `requireRecentLogin`.
   *
   * @default true
   * @example new Date(Date.now() - 3600_000)
   */
  confirmed?: boolean | Date | undefined;
  /**
   * What the session holds besides the login.
   *
   * @default nothing
   * @example { views: 41 }
   */
  session?: TestSessionValues | undefined;
  /**
   * The option `prefix` of the app's `localAuth()`.
   *
   * @default ""
   * @example "shop:"
   */
  prefix?: string | undefined;
}

/**
 * Logs a supertest agent in, without a password: the login is one of `holdfast/auth`, with its device and its timeouts,
 * and passport sees its user too. Accounts are not asked, so the user need not have one.
 *
 * @param sessions what the app uses, with a client: `testSessions()`, or `redisSession({ client })`
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`, `HOLDFAST_USER_ID_INVALID`, `SESSION_STORE_UNAVAILABLE`
 * @example
 * await logInAs(agent, sessions, { id: "7", username: "ada" }, { session: { views: 41 } });
 * await agent.get("/account").expect(200);
 */
export async function logInAs(
  agent: TestAgent,
  sessions: AnySessions,
  user: TestUser,
  options?: LogInAsOptions,
): Promise<void> {
  addCookie(agent, await loginCookie(sessions, user, options));
}

/**
 * The same for any other client: returns the header `Cookie` of a visitor who is logged in.
 *
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`, `HOLDFAST_USER_ID_INVALID`, `SESSION_STORE_UNAVAILABLE`
 * @example
 * const cookie = await loginCookie(sessions, { id: "7", username: "ada" });
 * const response = await fetch("http://127.0.0.1:3000/account", { headers: { cookie } });
 */
export async function loginCookie(
  sessions: AnySessions,
  user: TestUser,
  options: LogInAsOptions = {},
): Promise<string> {
  refuseInProduction("logInAs()");
  const { confirmed = true, prefix = "", remember, serialized, session: values } = options;
  const given = userWithId({ username: String(user.id), createdAt: 0, ...user });
  const logins = loginsIn(clientOf(sessions), prefix, given);
  return newCookie(sessions, async (req) => {
    await logins.begin(req, given, { confirmed, remember, serialized });
    Object.assign(req.session, values);
  });
}

function loginsIn(client: RedisClient, prefix: string, user: User): Logins {
  const timeouts = loginTimeouts({});
  return new Logins({
    devices: new DeviceList(guardClient(client), { prefix, timeouts }),
    timeouts,
    events: new EventEmitter(),
    addressOf: () => "127.0.0.1",
    whereIs: () => "this machine",
    keeps: [],
    takeOverUntil: undefined,
    idOf: () => user.id, // whatever the app has passport store stands for this user
    userOf: async () => user,
  });
}

function clientOf({ client }: AnySessions): RedisClient {
  if (client) return client as RedisClient; // the middleware has checked it
  throw setupInvalid(
    "A login needs sessions with a Redis client, because that is where devices are kept. Pass what testSessions() or " +
      "redisSession({ client: testRedis() }) returns, instead of sessions in another `store`.",
  );
}
