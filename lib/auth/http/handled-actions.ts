/** The actions over HTTP: what each reads from the request, and the status codes of refusals. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { callOutside } from "../../errors/index.js";
import type { BoundActions } from "../actions/bind-actions.js";
import type { Done, Reason, Refused } from "../actions/results.js";
import { authOf } from "../request/auth-request.js";
import type { Handler } from "../request/handler.js";

/** Actions that need accounts. */
export type AccountAction = "register" | "logIn" | "changePassword";

/** Actions that have a handler. */
export type Action = AccountAction | "logOut" | "endDevice" | "endOtherDevices";

/** A refused action, and the reason. */
export interface Refusal extends Refused<Reason> {
  readonly action: Action;
  /** The HTTP status: 400, 401, 403, 404, 409, 422 or 429. */
  readonly status: number;
}

/** `json-required`: a JSON handler got another content type. */
export const statuses: Record<Reason | "json-required", number> = {
  missing: 400,
  wrong: 401,
  "login-required": 401,
  disabled: 403,
  "json-required": 415,
  "unknown-device": 404,
  "username-taken": 409,
  "email-taken": 409,
  "username-invalid": 422,
  "email-invalid": 422,
  "password-too-short": 422,
  "password-too-long": 422,
  "password-common": 422,
  throttled: 429,
};

type Ask = (req: IncomingMessage, res: ServerResponse) => Promise<Done | Refused<Reason>>;

/** Each action, with its input from the request. */
export function actionsOverHttp({ actions: auth, logInNew }: BoundActions): Record<Action, Ask> {
  return {
    async register(req) {
      const { username = "", password = "", email } = fieldsOf(req);
      if (!username || !password) return { ok: false, reason: "missing" };
      const result = await auth.register({ username, password, email }, req);
      if (result.ok && !(await logInNew(req, result.user))) return { ok: false, reason: "disabled" };
      return result;
    },
    logIn(req) {
      const { username, password, remember } = fieldsOf(req);
      return auth.logIn(req, { username, password, remember: isTicked(remember) });
    },
    async logOut(req, res) {
      await auth.logOut(req, res);
      return { ok: true };
    },
    endDevice: (req) => auth.endDevice(req, fieldsOf(req)["device"] ?? ""),
    endOtherDevices: (req) => auth.endOtherDevices(req),
    changePassword(req) {
      const { current = "", password = "" } = fieldsOf(req);
      return auth.changePassword(req, { current, next: password });
    },
  };
}

export function everyAction(make: (action: Action) => Handler): Record<Action, Handler> {
  return {
    register: make("register"),
    logIn: make("logIn"),
    logOut: make("logOut"),
    endDevice: make("endDevice"),
    endOtherDevices: make("endOtherDevices"),
    changePassword: make("changePassword"),
  };
}

export function handler(answer: (req: IncomingMessage, res: ServerResponse) => Promise<void>): Handler {
  return (req, res, next) => {
    res.setHeader("Cache-Control", "no-store"); // also for responses of `refuse`, and for errors
    answer(req, res).catch((error: unknown) => callOutside(next, error));
  };
}

/** The refusal with its status. Sets `Retry-After`, whoever writes the rest of the response. */
export function refusedIn(res: ServerResponse, action: Action, { reason, retryAfter, ok }: Refused<Reason>): Refusal {
  if (retryAfter !== undefined) res.setHeader("Retry-After", String(retryAfter));
  return { ok, action, reason, status: statuses[reason], ...(retryAfter !== undefined && { retryAfter }) };
}

/** The string fields of the body (and `remember: true`): a body may hold arrays and objects under any name. */
export function fieldsOf(req: IncomingMessage): Record<string, string | undefined> {
  const { body } = authOf(req);
  if (typeof body !== "object" || body === null) return {};
  const texts = Object.entries(body).map(([name, value]) => [name, value === true ? "on" : value] as const);
  return Object.fromEntries(texts.filter((pair): pair is readonly [string, string] => typeof pair[1] === "string"));
}

/** The values of checked boxes in forms and in JSON. */
function isTicked(value: string | undefined): boolean {
  return value === "on" || value === "true" || value === "1" || value === "yes";
}
