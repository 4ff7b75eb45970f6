/** passport-local, asked without a request: whether a name and a password fit together. */
import type { IncomingMessage, ServerResponse } from "node:http";
import passport from "passport";
import { Strategy as LocalStrategy } from "passport-local";
import type { Account, AccountStore } from "./account-store.js";
import { verifyNothing, verifyPassword } from "./passwords.js";

export interface Credentials {
  username: string;
  password: string;
}

/** The account is there also where the password is wrong, for counting; `fits` says whether it is right. */
export interface Checked {
  readonly account: Account | undefined;
  readonly fits: boolean;
}

type Authenticate = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** On a Passport of its own, so that an app's other strategies are left alone. */
export function credentialsChecker(accounts: AccountStore): (credentials: Credentials) => Promise<Checked> {
  const own = new passport.Passport();
  own.use(
    new LocalStrategy((username, password, done) => {
      check(accounts, username, password).then((checked) => done(null, checked), done);
    }),
  );
  return (credentials) =>
    new Promise((resolve, reject) => {
      const answer = (error: unknown, checked: unknown) => {
        if (error) reject(error);
        else resolve((checked || { account: undefined, fits: false }) as Checked);
      };
      const request = { body: credentials, headers: {} } as unknown as IncomingMessage;
      (own.authenticate("local", answer) as Authenticate)(request, {} as ServerResponse, reject);
    });
}

/** Longer than any name or address can be. */
export const longestName = 254;

/** A user name holds no "@", so what holds one is an e-mail address. Nobody's password takes as long as anybody's. */
async function check(accounts: AccountStore, name: string, password: string): Promise<Checked> {
  const asked = name.slice(0, longestName);
  const account = await (asked.includes("@") ? accounts.findByEmail(asked) : accounts.findByUsername(asked));
  const fits = account ? await verifyPassword(account.passwordHash, password) : await verifyNothing(password);
  return { account, fits };
}
