/** Lets only logged-in users pass: a page is sent to the login and back, a program gets a 401. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { readRecord } from "./login-record.js";
import type { AuthRequest } from "./session-change.js";

export interface RequireLoginOptions {
  /** The login page's path. It receives the page that was wanted as `?next=`. Default `/login`. */
  loginPage?: string;
}

type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

export function requireLogin(options: RequireLoginOptions = {}): Middleware {
  return (req, res, next) => {
    if ((req as AuthRequest).user) next();
    else refuse(req, res, options, "login-required");
  };
}

/**
 * For sensitive actions: lets only those pass whose password was checked at most `maxAge` seconds ago. Everybody else
 * logs in once more, which changes the session's id and keeps what is in it.
 */
export function requireRecentLogin(maxAge: number, options: RequireLoginOptions = {}): Middleware {
  return (req, res, next) => {
    const { user, session } = req as AuthRequest;
    const confirmed = readRecord(session)?.confirmed ?? 0;
    if (!user) refuse(req, res, options, "login-required");
    else if (Date.now() - confirmed <= maxAge * 1000) next();
    else refuse(req, res, options, "recent-login-required");
  };
}

function refuse(req: IncomingMessage, res: ServerResponse, options: RequireLoginOptions, reason: string): void {
  res.setHeader("Cache-Control", "no-store");
  if (!wantsPage(req)) {
    res.statusCode = 401;
    res.setHeader("Content-Type", "application/json; charset=utf-8");
    res.end(JSON.stringify({ ok: false, reason }));
    return;
  }
  // Only a page that can be asked for again is worth coming back to.
  const wanted = (req as IncomingMessage & { originalUrl?: string }).originalUrl ?? req.url ?? "/";
  const back = req.method === "GET" ? `?next=${encodeURIComponent(wanted)}` : "";
  res.statusCode = 303;
  res.setHeader("Location", (options.loginPage ?? "/login") + back);
  res.end();
}

function wantsPage(req: IncomingMessage): boolean {
  return (req.headers.accept ?? "").includes("text/html");
}
