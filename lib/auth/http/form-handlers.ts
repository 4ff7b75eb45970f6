/** One handler for each action, for HTML forms; it responds with a redirect. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BoundActions } from "../actions/bind-actions.js";
import type { Handler } from "../request/handler.js";
import {
  actionsOverHttp,
  everyAction,
  fieldsOf,
  handler,
  refusedIn,
  type Action,
  type Refusal,
} from "./handled-actions.js";
import { safePath } from "./safe-path.js";

/** Handlers for POST requests. The comment of each lists the fields that it reads from the body. */
export interface FormHandlers extends Record<Action, Handler> {
  /** `username`, `password`, `email`, `next`. Also logs the new user in. */
  readonly register: Handler;
  /** `username`, `password`, `remember`, `next`. */
  readonly logIn: Handler;
  /** Reads nothing. */
  readonly logOut: Handler;
  /** `device`. */
  readonly endDevice: Handler;
  /** Reads nothing. */
  readonly endOtherDevices: Handler;
  /** `current`, `password`. */
  readonly changePassword: Handler;
}

/** Paths of an app's pages. */
export interface FormPages {
  /** @default "/login" */
  login?: string | undefined;
  /** @default "/register" */
  register?: string | undefined;
  /**
   * The page with the devices and the form for a new password.
   *
   * @default "/account"
   */
  account?: string | undefined;
  /**
   * The page after a login that did not start at another page.
   *
   * @default "/"
   */
  afterLogin?: string | undefined;
  /** @default "/" */
  afterLogout?: string | undefined;
}

/** Options of the form handlers. */
export interface FormOptions {
  /**
   * Paths of the app's pages; an omitted one keeps its default.
   *
   * @default see `FormPages`
   * @example { login: "/hello", afterLogin: "/account" }
   */
  pages?: FormPages | undefined;
  /**
   * Responds to a refusal, for example by showing the form again with a message.
   *
   * @default a redirect to the page of the form, with the reason as `?error=`
   * @example (_req, res, { status, reason }) => void res.writeHead(status).end(reason)
   */
  refuse?: ((req: IncomingMessage, res: ServerResponse, refusal: Refusal) => void | Promise<void>) | undefined;
}

export function formHandlers(bound: BoundActions, { pages = {}, refuse }: FormOptions): FormHandlers {
  const { login = "/login", register = "/register", account = "/account", afterLogin = "/", afterLogout = "/" } = pages;
  const formOf = {
    register,
    logIn: login,
    logOut: login,
    endDevice: account,
    endOtherDevices: account,
    changePassword: account,
  };
  const actions = actionsOverHttp(bound);

  return everyAction((action) =>
    handler(async (req, res) => {
      const wanted = safePath(fieldsOf(req)["next"], "");
      const result = await actions[action](req, res);
      if (result.ok)
        return redirect(res, isEntry(action) ? wanted || afterLogin : action === "logOut" ? afterLogout : account);
      const refusal = refusedIn(res, action, result);
      if (refuse) return refuse(req, res, refusal);
      const back = isEntry(action) && wanted ? `&next=${encodeURIComponent(wanted)}` : "";
      return redirect(res, `${formOf[action]}?error=${refusal.reason}${back}`);
    }),
  );
}

/** The action logs somebody in. */
const isEntry = (action: Action) => action === "logIn" || action === "register";

function redirect(res: ServerResponse, path: string): void {
  res.statusCode = 303;
  res.setHeader("Location", path);
  res.end();
}
