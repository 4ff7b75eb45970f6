/** One handler for each action, for HTML forms (redirects) and for JSON (status codes and bodies). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthActions } from "./actions.js";
import { readRecord } from "./login-record.js";
import type { Done, Reason, Refused } from "./results.js";
import { safePath } from "./safe-path.js";
import type { AuthRequest } from "./session-change.js";

type Handler = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
export type Action = "register" | "logIn" | "logOut" | "endDevice" | "endOtherDevices" | "changePassword";

/** Handlers for POST requests. What each reads from the body is said beside it. */
export interface FormHandlers extends Record<Action, Handler> {
  /** `username`, `password`, `email`, `next`. Who has registered is logged in. */
  readonly register: Handler;
  /** `username`, `password`, `remember`, `next`. */
  readonly logIn: Handler;
  readonly logOut: Handler;
  /** `device`. */
  readonly endDevice: Handler;
  readonly endOtherDevices: Handler;
  /** `current`, `password`. */
  readonly changePassword: Handler;
}

/** Handlers for POST requests with the same fields, and two for GET. */
export interface JsonHandlers extends FormHandlers {
  /** `{ user }`, which is null for somebody who is not logged in. */
  readonly session: Handler;
  /** `{ devices }`. */
  readonly devices: Handler;
}

/** An action that was refused, and why. */
export interface Refusal extends Refused<Reason> {
  readonly action: Action;
  /** The status that fits: 400, 401, 403, 404, 409, 422 or 429. */
  readonly status: number;
}

export interface FormOptions {
  /** Paths of the app's pages. */
  pages?: {
    /** Default `/login`. */
    login?: string;
    /** Default `/register`. */
    register?: string;
    /** Shows devices and the form for a new password. Default `/account`. */
    account?: string;
    /** Where somebody goes who logs in without having wanted a page. Default `/`. */
    afterLogin?: string;
    /** Default `/`. */
    afterLogout?: string;
  };
  /**
   * Answers a refusal, as by showing the form again with a sentence. Default: a redirect to the page of the form, with
   * the reason as `?error=`.
   */
  refuse?: (req: IncomingMessage, res: ServerResponse, refusal: Refusal) => void | Promise<void>;
}

const statuses: Record<Reason, number> = {
  missing: 400,
  wrong: 401,
  "login-required": 401,
  disabled: 403,
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

type Result = Done | Refused<Reason>;

/** Each action with what it takes from the request. */
function actionsOf(auth: AuthActions): Record<Action, (req: IncomingMessage, res: ServerResponse) => Promise<Result>> {
  return {
    async register(req) {
      const { username = "", password = "", email } = fieldsOf(req);
      if (!username || !password) return { ok: false, reason: "missing" };
      const result = await auth.register({ username, password, email }, req);
      if (result.ok) await auth.begin(req, result.user);
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

export function formHandlers(auth: AuthActions, { pages = {}, refuse }: FormOptions): FormHandlers {
  const { login = "/login", register = "/register", account = "/account", afterLogin = "/", afterLogout = "/" } = pages;
  const formOf = {
    register,
    logIn: login,
    logOut: login,
    endDevice: account,
    endOtherDevices: account,
    changePassword: account,
  };
  const actions = actionsOf(auth);

  return everyAction((action) =>
    handler(async (req, res) => {
      const wanted = safePath(fieldsOf(req)["next"], "");
      const result = await actions[action](req, res);
      if (result.ok)
        return redirect(res, isEntry(action) ? wanted || afterLogin : action === "logOut" ? afterLogout : account);
      const refusal = refusalOf(action, result);
      setRetryAfter(res, refusal);
      if (refuse) return refuse(req, res, refusal);
      const back = isEntry(action) && wanted ? `&next=${encodeURIComponent(wanted)}` : "";
      return redirect(res, `${formOf[action]}?error=${refusal.reason}${back}`);
    }),
  );
}

export function jsonHandlers(auth: AuthActions): JsonHandlers {
  const actions = actionsOf(auth);
  const handlers = everyAction((action) =>
    handler(async (req, res) => {
      const result = await actions[action](req, res);
      if (result.ok) return json(res, action === "register" ? 201 : 200, result);
      const refusal = refusalOf(action, result);
      setRetryAfter(res, refusal);
      return json(res, refusal.status, result);
    }),
  );
  return {
    ...handlers,
    session: handler(async (req, res) => {
      json(res, 200, { user: readRecord((req as AuthRequest).session)?.user ?? null });
    }),
    devices: handler(async (req, res) => {
      if (!readRecord((req as AuthRequest).session)) return json(res, 401, { ok: false, reason: "login-required" });
      return json(res, 200, { devices: await auth.devices(req) });
    }),
  };
}

function everyAction(make: (action: Action) => Handler): FormHandlers {
  const names: Action[] = ["register", "logIn", "logOut", "endDevice", "endOtherDevices", "changePassword"];
  return Object.fromEntries(names.map((action) => [action, make(action)])) as unknown as FormHandlers;
}

const isEntry = (action: Action) => action === "logIn" || action === "register";

function handler(answer: (req: IncomingMessage, res: ServerResponse) => Promise<void>): Handler {
  return (req, res, next) => {
    answer(req, res).catch((error: unknown) => process.nextTick(next, error));
  };
}

function refusalOf(action: Action, { reason, retryAfter, ok }: Refused<Reason>): Refusal {
  return { ok, action, reason, status: statuses[reason], ...(retryAfter !== undefined && { retryAfter }) };
}

function setRetryAfter(res: ServerResponse, { retryAfter }: Refusal): void {
  if (retryAfter !== undefined) res.setHeader("Retry-After", String(retryAfter));
}

function redirect(res: ServerResponse, path: string): void {
  res.statusCode = 303;
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Location", path);
  res.end();
}

function json(res: ServerResponse, status: number, body: object): void {
  res.statusCode = status;
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.end(JSON.stringify(body));
}

/** Only strings count (and `remember: true`): a body can hold arrays and objects under any name. */
function fieldsOf(req: IncomingMessage): Record<string, string | undefined> {
  const { body } = req as AuthRequest;
  if (typeof body !== "object" || body === null) return {};
  const texts = Object.entries(body).map(([name, value]) => [name, value === true ? "on" : value] as const);
  return Object.fromEntries(texts.filter((pair): pair is readonly [string, string] => typeof pair[1] === "string"));
}

/** What a checked box sends, and what programs write. */
function isTicked(value: string | undefined): boolean {
  return value === "on" || value === "true" || value === "1" || value === "yes";
}
