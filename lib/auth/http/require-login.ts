/** Lets only logged-in users pass: a browser is redirected to the login page and back, a program gets status 401. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { codes, HoldfastError } from "../../errors/index.js";
import { isChecked } from "../request/checked-requests.js";
import { isConfirmed, readLogin } from "../logins/login-record.js";
import { authOf } from "../request/auth-request.js";
import type { Handler } from "../request/handler.js";

/** Options of `requireLogin()` and `requireRecentLogin()`. */
export interface RequireLoginOptions {
  /**
   * The path of the login page. It gets the requested page as `?next=`.
   *
   * @default "/login"
   * @example "/hello"
   */
  loginPage?: string | undefined;
}

/**
 * Lets only logged-in users pass. Others are redirected to the login page (303) if they accept HTML; otherwise they get
 * 401 and `{ ok: false, reason: "login-required" }`. Mount it after `auth.middleware`.
 *
 * @example app.use("/account", requireLogin())
 */
export function requireLogin(options: RequireLoginOptions = {}): Handler {
  return (req, res, next) => {
    const { user, session } = authOf(req);
    if (!user) refuse(req, res, options, "login-required");
    else if (readLogin(session) && !isChecked(req)) next(unchecked());
    else next();
  };
}

/**
 * For sensitive actions: lets only users pass who proved their identity at most `maxAge` seconds ago, with a password
 * or with a login that `auth.begin` began as `confirmed`. Others have to log in again, which changes the session id and
 * keeps the session's contents.
 *
 * @param maxAge seconds
 * @example app.post("/email", requireRecentLogin(300), changeEmail)
 */
export function requireRecentLogin(maxAge: number, options: RequireLoginOptions = {}): Handler {
  return (req, res, next) => {
    const { user, session } = authOf(req);
    const login = readLogin(session);
    if (!user) refuse(req, res, options, "login-required");
    else if (login && !isChecked(req)) next(unchecked());
    else if (login && isConfirmed(login, maxAge, Date.now())) next();
    else refuse(req, res, options, "recent-login-required");
  };
}

function unchecked(): HoldfastError {
  return new HoldfastError(
    codes.LOGIN_UNCHECKED,
    "The login of this request was not checked, because `auth.middleware` is not mounted before requireLogin() or " +
      "requireRecentLogin(). Mount it right after the session middleware.",
  );
}

function refuse(req: IncomingMessage, res: ServerResponse, options: RequireLoginOptions, reason: string): void {
  res.setHeader("Cache-Control", "no-store");
  if (!wantsPage(req)) {
    res.statusCode = 401;
    res.setHeader("Content-Type", "application/json; charset=utf-8");
    res.end(JSON.stringify({ ok: false, reason }));
    return;
  }
  // Only a page that can be requested again is worth returning to.
  const wanted = authOf(req).originalUrl ?? req.url ?? "/";
  const back = req.method === "GET" ? `?next=${encodeURIComponent(wanted)}` : "";
  res.statusCode = 303;
  res.setHeader("Location", (options.loginPage ?? "/login") + back);
  res.end();
}

function wantsPage(req: IncomingMessage): boolean {
  return (req.headers.accept ?? "").includes("text/html");
}
