/** Login with passport-local, on a Passport of our own, so that an app's other strategies are left alone. */
import type { IncomingMessage, ServerResponse } from "node:http";
import passport from "passport";
import { Strategy as LocalStrategy } from "passport-local";
import type { AccountStore } from "./account-store.js";
import { hashPassword, passwordLength, verifyNothing, verifyPassword } from "./passwords.js";
import { publicUser, type User } from "./user.js";
import { usernamePattern } from "./username.js";

export interface LocalAuthOptions {
  accounts: AccountStore;
}

export type RegisterResult =
  | { ok: true; user: User }
  | { ok: false; reason: "username-invalid" | "username-taken" | "password-too-short" | "password-too-long" };

export type LogInResult = { ok: true; user: User } | { ok: false; reason: "missing" | "wrong" };

type Next = (error?: unknown) => void;
type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => void;
/** What the session middleware and passport add to a request. */
type Request = IncomingMessage & {
  body?: unknown;
  user?: unknown;
  session?: { destroy(done: (error?: unknown) => void): unknown };
  logIn(user: User, options: { keepSessionInfo: boolean }, done: (error?: unknown) => void): void;
};

export interface LocalAuth {
  /** Sets `req.user` from the session. Mount it after the session middleware and the body parser. */
  readonly middleware: Handler;
  /** Makes an account; logs nobody in. */
  register(credentials: { username: string; password: string }): Promise<RegisterResult>;
  /**
   * Checks `username` and `password` of `req.body` and, when they fit, logs in under a new session id that keeps what
   * the visitor had (a cart). An unknown name and a wrong password give the same answer after the same time.
   */
  logIn(req: IncomingMessage, res: ServerResponse): Promise<LogInResult>;
  /** Begins the session of a user who needs no password now, as right after `register`. */
  begin(req: IncomingMessage, user: User): Promise<void>;
  /** Ends the session, and with it everything that was in it. */
  logOut(req: IncomingMessage): Promise<void>;
}

export function localAuth({ accounts }: LocalAuthOptions): LocalAuth {
  const own = new passport.Passport();

  own.use(
    new LocalStrategy((username, password, done) => {
      checkCredentials(accounts, username, password).then((user) => done(null, user ?? false), done);
    }),
  );
  own.serializeUser((user, done) => done(null, (user as User).id));
  own.deserializeUser((id: unknown, done) => {
    // An account that is gone logs its sessions out; trouble in the store is an error, not a logout.
    const found = typeof id === "string" ? accounts.findById(id) : Promise.resolve(undefined);
    found.then((account) => done(null, account ? publicUser(account) : false), done);
  });

  const initialize = own.initialize() as Handler;
  const restore = own.session() as Handler;

  return {
    middleware(req, res, next) {
      initialize(req, res, (error) => (error ? next(error) : restore(req, res, next)));
    },

    async register({ username, password }) {
      const name = username.trim();
      if (!usernamePattern.test(name)) return { ok: false, reason: "username-invalid" };
      if (password.length < passwordLength.min) return { ok: false, reason: "password-too-short" };
      if (password.length > passwordLength.max) return { ok: false, reason: "password-too-long" };
      const created = await accounts.create({ username: name, passwordHash: await hashPassword(password) });
      return created === "taken" ? { ok: false, reason: "username-taken" } : { ok: true, user: publicUser(created) };
    },

    async logIn(req, res) {
      const { username, password } = credentialsOf((req as Request).body);
      if (!username || !password) return { ok: false, reason: "missing" };
      const user = await authenticate(req, res);
      if (!user) return { ok: false, reason: "wrong" };
      await begin(req, user);
      return { ok: true, user };
    },

    begin,

    async logOut(req) {
      const request = req as Request;
      await new Promise<void>((resolve, reject) => {
        if (!request.session) return resolve();
        request.session.destroy((error) => (error ? reject(error) : resolve()));
      });
      request.user = undefined;
    },
  };

  function authenticate(req: IncomingMessage, res: ServerResponse): Promise<User | undefined> {
    return new Promise((resolve, reject) => {
      const answer = (error: unknown, user: unknown) => (error ? reject(error) : resolve((user || undefined) as User));
      (own.authenticate("local", answer) as Handler)(req, res, reject);
    });
  }

  function begin(req: IncomingMessage, user: User): Promise<void> {
    return new Promise((resolve, reject) => {
      (req as Request).logIn(user, { keepSessionInfo: true }, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** Only strings count: a body can hold arrays and objects under any name. */
function credentialsOf(body: unknown): { username?: string; password?: string } {
  const { username, password } = (body ?? {}) as Record<string, unknown>;
  return typeof username === "string" && typeof password === "string" ? { username, password } : {};
}

async function checkCredentials(accounts: AccountStore, username: string, password: string): Promise<User | undefined> {
  const account = await accounts.findByUsername(username.slice(0, 100));
  const fits = account ? await verifyPassword(account.passwordHash, password) : await verifyNothing();
  return account && fits ? publicUser(account) : undefined;
}
