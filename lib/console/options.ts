/** The options of `console()`, and their checks. */
import type { IncomingMessage } from "node:http";
import { setupInvalid } from "../errors/index.js";
import { checkKinds, kinds, warnOfUnknown, type OptionKinds } from "../options/index.js";
import type { Source } from "../migrate/index.js";
import type { Observable } from "../ops/target.js";

/** A request, with what the app's middleware may have added to it; as in Express, your own types of it fit too. */
export interface OperatorRequest extends IncomingMessage {
  /** Who is logged in, if `holdfast/auth` or passport say so. */
  readonly user?: { readonly id?: unknown; readonly username?: string | undefined } | undefined;
}

export interface ConsoleOptions {
  /** What `redisSession()` returned, or `{ store }`. The sessions must be in Redis, or on the way there. */
  sessions: Observable;
  /**
   * Who may come in: called for each request. A text is the operator's name, for the signal `holdfast:operator`. Without
   * it, only requests from this machine are answered, and with `NODE_ENV=production` the console does not start.
   *
   * @default requests from this machine
   * @example (req) => req.user?.username === "ada"
   */
  authorize?(req: OperatorRequest): boolean | string | Promise<boolean | string>;
  /**
   * What `localAuth()` returned. Ending a user's sessions then also tells the listeners of its events, and works during
   * a migration.
   *
   * @default none
   */
  auth?: { endLogins(userId: string): Promise<void> } | undefined;
  /** The `prefix` of `localAuth()`. @default "" */
  authPrefix?: string | undefined;
  /**
   * Where the app keeps the id of the user in a session, such as `account.id`.
   *
   * @default the login of `holdfast/auth`, or `passport.user`
   */
  userKey?: string | undefined;
  /**
   * The key of the pulses in Redis, as for `pulse()`. The console leaves a pulse of its own process there, so mount it in
   * every process.
   *
   * @default "{holdfast:pulse}"
   */
  pulseKey?: string | undefined;
  /**
   * The sessions table of a migration, from `openSource()`: then its steps can be taken on the page Migration, which
   * otherwise only shows them. The page is there if the sessions are in a `MigratingStore`.
   *
   * @default none
   */
  source?: Source | undefined;
  /** The `key` of your `MigratingStore`. @default "{holdfast:move}" */
  moveKey?: string | undefined;
  /** What to call the app on each page. @default "Sessions" */
  title?: string | undefined;
}

const known: OptionKinds = {
  authPrefix: kinds.text,
  userKey: kinds.text,
  pulseKey: kinds.text,
  moveKey: kinds.text,
  title: kinds.text,
};

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function checkOptions(options: ConsoleOptions): void {
  const { authorize, auth } = options;
  checkKinds(options, known);
  warnOfUnknown(options, {
    of: "console()",
    known: ["sessions", "authorize", "auth", "source", ...Object.keys(known)],
  });
  if (authorize !== undefined && typeof authorize !== "function")
    throw setupInvalid("The option `authorize` must be a function that gets the request.");
  if (auth !== undefined && typeof auth.endLogins !== "function")
    throw setupInvalid("The option `auth` must be what localAuth() returned.");
  if (!authorize && process.env["NODE_ENV"] === "production")
    throw setupInvalid(
      "The console shows and ends sessions, so in production it needs the option `authorize`: a function that says " +
        "whether a request may come in, such as (req) => req.user?.isOperator === true.",
    );
}
