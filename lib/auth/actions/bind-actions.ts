/** The actions, bound to their dependencies. */
import type { IncomingMessage } from "node:http";
import { setupInvalid } from "../../errors/index.js";
import type { User } from "../accounts/user.js";
import type { AccountDeps, LoginDeps } from "./action-deps.js";
import type { AccountActions, AuthActions, LoginActions } from "./auth-actions.js";
import { beginLogin, beginLoginToAccount } from "./begin-login.js";
import { changePassword } from "./change-password.js";
import { endDevice, endOtherDevices, listDevices } from "./devices.js";
import { endLogins } from "./end-logins.js";
import { logIn } from "./log-in.js";
import { logInNew } from "./log-in-new.js";
import { logOut } from "./log-out.js";
import { register } from "./register.js";
import { removeAccount } from "./remove-account.js";
import { disableAccount, enableAccount } from "./set-disabled.js";

/** The actions, and what only the handlers use. */
export interface BoundActions {
  readonly actions: AuthActions;
  /** Logs in a user who has just registered; false if their account has been disabled or removed meanwhile. */
  readonly logInNew: (req: IncomingMessage, user: User) => Promise<boolean>;
}

export function boundActions(deps: LoginDeps | AccountDeps): BoundActions {
  if (!("accounts" in deps)) return { actions: actionsWithoutAccounts(deps), logInNew: refuse };
  return { actions: actionsWithAccounts(deps), logInNew: (req, user) => logInNew(deps, req, user) };
}

function actionsWithAccounts(deps: AccountDeps): AuthActions {
  return {
    ...loginActions(deps),
    begin: (req, user, options) => beginLoginToAccount(deps, req, user, options),
    register: (registration, req) => register(deps, req, registration),
    logIn: (req, credentials) => logIn(deps, req, credentials),
    changePassword: (req, passwords) => changePassword(deps, req, passwords),
    disableAccount: (userId) => disableAccount(deps, userId),
    enableAccount: (userId) => enableAccount(deps, userId),
    removeAccount: (userId) => removeAccount(deps, userId),
  };
}

/** The types offer no account actions here; without types, calling one throws an error that explains it. */
function actionsWithoutAccounts(deps: LoginDeps): AuthActions {
  return { ...loginActions(deps), ...withoutAccounts };
}

function loginActions(deps: LoginDeps): LoginActions {
  return {
    begin: async (req, user, options) => void (await beginLogin(deps, req, user, options)),
    logOut: (req, res) => logOut(deps, req, res),
    devices: (req) => listDevices(deps, req),
    endDevice: (req, device) => endDevice(deps, req, device),
    endOtherDevices: (req) => endOtherDevices(deps, req),
    endLogins: (userId) => endLogins(deps, userId),
  };
}

const withoutAccounts: AccountActions = {
  register: refuse,
  logIn: refuse,
  changePassword: refuse,
  disableAccount: refuse,
  enableAccount: refuse,
  removeAccount: refuse,
};

async function refuse(): Promise<never> {
  throw setupInvalid(
    "localAuth() was called without `accounts`, so it cannot register or check users. " +
      "Pass an AccountStore, or check users with your own strategy and call `auth.begin(req, user)`.",
  );
}
