/** Checks a name and a password with passport-local, without a request. */
import passport from "passport";
import { Strategy as LocalStrategy } from "passport-local";
import type { Account, AccountStore } from "../accounts/account-store.js";
import type { Answer } from "../throttle/attempt.js";
import { hashingGate } from "../passwords/hashing-gate.js";
import { fits, matchesNothing } from "../passwords/password-work.js";

/** A name and a password, as typed. */
export interface Credentials {
  /** A user name; for a login, it may also be an e-mail address. */
  username: string;
  /** As typed. */
  password: string;
}

/** Checks the credentials. Calls `admit` before checking the password. */
export type CheckCredentials = (credentials: Credentials, admit: Admit) => Promise<Checked>;

/** `account` is set even if the password is wrong, for counting; `isRight` tells whether it is right. */
interface Checked {
  readonly account: Account | undefined;
  readonly isRight: boolean;
  /** Too many attempts: the password was not checked. */
  readonly refusal?: Answer;
}

/** Called after the account was looked up: whether its password may be checked. */
type Admit = (account: string | undefined) => Promise<Answer>;

/** Passport's method, with only the arguments that passport-local uses. */
type Authenticate = (req: object, res: object, next: (error?: unknown) => void) => void;

/** Uses its own Passport, so that the app's strategies are not affected. */
export function credentialsChecker(accounts: AccountStore): CheckCredentials {
  const own = new passport.Passport();
  return (credentials, admit) =>
    new Promise((resolve, reject) => {
      let result: Checked = { account: undefined, isRight: false }; // passport-local refuses empty credentials itself
      const strategy = new LocalStrategy((username, password, done) => {
        const note = (checked: Checked) => {
          result = checked;
          done(null, checked);
        };
        check(accounts, username, password, admit).then(note, done);
      });
      const answer = (error: unknown) => (error ? reject(error) : resolve(result));
      const authenticate: Authenticate = own.authenticate(strategy, answer);
      authenticate({ body: credentials, headers: {} }, {}, reject);
    });
}

/** No name or address is longer. */
export const longestName = 254;

/** A user name has no "@", so a name with one is an e-mail address. An unknown name takes as long as a known one. */
async function check(accounts: AccountStore, name: string, password: string, admit: Admit): Promise<Checked> {
  const asked = name.slice(0, longestName);
  const account = await (asked.includes("@") ? accounts.findByEmail(asked) : accounts.findByUsername(asked));
  const refusal = await admit(account?.id);
  if (!refusal.ok && !refusal.isHidden) return { account, isRight: false, refusal };
  const work = account && refusal.ok ? () => fits(account.passwordHash, password) : () => matchesNothing(password);
  const isRight = await hashingGate.runSoon(work);
  return { account, isRight, ...(!refusal.ok && { refusal }) };
}
