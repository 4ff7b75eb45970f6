/**
 * `req.logIn`, `req.logOut` and so on, like passport's: logins by any strategy of the app's passport become logins of
 * this package, with devices and timeouts. passport (0.5 and later) does not replace methods that a request already
 * has.
 */
import { callOutside, codes, HoldfastError, setupInvalid } from "../../errors/index.js";
import type { BeginOptions, Logins } from "../logins/logins.js";
import { userProperty, type AuthRequest } from "../request/auth-request.js";
import { mustHaveSession } from "../request/session-change.js";
import type { User } from "../accounts/user.js";
import { userId } from "../accounts/user-id.js";

type Done = (error?: unknown) => void;
type Serialize = (user: unknown, req: AuthRequest, done: (error: unknown, serialized?: unknown) => void) => void;

/** A request with what passport and the app add to it. */
type PassportRequest = AuthRequest & {
  _sessionManager?: { _serializeUser?: Serialize };
} & Record<string, unknown>;

/** Options of `req.logIn`, which `passport.authenticate` passes on. */
interface LogInOptions extends Pick<BeginOptions, "remember" | "confirmed"> {
  /** False: the user is logged in for this request only. */
  session?: boolean;
  /** Keep the session's contents, as in passport. Default false. */
  keepSessionInfo?: boolean;
}

interface LogOutOptions {
  /** Keep the keys named in the option `keeps` of `localAuth()`. Default false. */
  keepSessionInfo?: boolean;
}

export interface PassportParts {
  readonly logins: Logins;
  readonly idOf: (serialized: unknown) => string | undefined;
  readonly userOf: (id: string) => Promise<User | undefined>;
}

type Methods = Record<
  "logIn" | "login" | "logOut" | "logout" | "isAuthenticated" | "isUnauthenticated",
  (this: PassportRequest, ...args: never[]) => unknown
>;

/** The methods to add to each request. */
export function passportMethods({ logins, idOf, userOf }: PassportParts): Methods {
  function logIn(this: PassportRequest, user: unknown, options: LogInOptions | Done | undefined, done?: Done): void {
    const [wanted, callback] = typeof options === "function" ? [{}, options] : [options ?? {}, done];
    const property = userProperty(this);
    this[property] = user;
    if (wanted.session === false) return callback?.();
    const answer = mustBeFunction("logIn", callback);
    settle(begin(this, user, wanted), answer, (error) => {
      this[property] = error ? null : user;
    });
  }

  function logOut(this: PassportRequest, options: LogOutOptions | Done | undefined, done?: Done): void {
    const [wanted, callback] = typeof options === "function" ? [{}, options] : [options ?? {}, done];
    const answer = mustBeFunction("logOut", callback);
    const property = userProperty(this);
    this[property] = null;
    settle(logins.leave(this, { keepsNamed: wanted.keepSessionInfo ?? false }), answer, () => {
      this[property] = null;
    });
  }

  function isAuthenticated(this: PassportRequest): boolean {
    return Boolean(this[userProperty(this)]);
  }

  function isUnauthenticated(this: PassportRequest): boolean {
    return !this[userProperty(this)];
  }

  async function begin(req: PassportRequest, user: unknown, options: LogInOptions): Promise<void> {
    mustHaveSession(req);
    const serialized = await serialize(req, user);
    const id = userId(idOf(serialized), "The user that passport serialized");
    const own = await existing(id);
    const { remember = false, confirmed = false, keepSessionInfo = false } = options;
    await logins.begin(req, own, { remember, confirmed, serialized }, { dropsContents: !keepSessionInfo });
    // Disabling or removing an account ends all logins afterwards: either it is noticed here, or this login is among
    // them.
    await existing(id).catch(async (error: unknown) => {
      await logins.end(req);
      throw error;
    });
  }

  async function existing(id: string): Promise<User> {
    const user = await userOf(id);
    if (user) return user;
    throw new HoldfastError(
      codes.ACCOUNT_NOT_FOUND,
      "passport logged in a user who is disabled or not in the account store, so nobody was logged in. " +
        "Create the account first, and make `serializeUser` return its id.",
      { status: 403 },
    );
  }

  function serialize(req: PassportRequest, user: unknown): Promise<unknown> {
    const { _sessionManager: { _serializeUser: own } = {} } = req;
    if (!own) return Promise.resolve(idOf(user));
    return new Promise((resolve, reject) => {
      own(user, req, (error, serialized) => (error ? reject(error) : resolve(serialized)));
    });
  }

  return { logIn, login: logIn, logOut, logout: logOut, isAuthenticated, isUnauthenticated };
}

/** Calls back outside the promise: if the app throws in its callback, it must not become an unhandled rejection. */
function settle(work: Promise<void>, done: Done, before: (error: unknown) => void): void {
  const answer = (error?: unknown) => {
    before(error);
    callOutside(done, error);
  };
  work.then(() => answer(), answer);
}

function mustBeFunction(name: string, done: Done | undefined): Done {
  if (typeof done === "function") return done;
  throw setupInvalid(`req.${name}() needs a callback as its last argument, as in passport since version 0.6.`);
}
