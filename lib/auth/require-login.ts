/** Lets only logged-in users pass: a page is sent to the login and back, a program gets a 401. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface RequireLoginOptions {
  /** The login page's path. It receives the page that was wanted as `?next=`. Default `/login`. */
  loginPage?: string;
}

export function requireLogin(options: RequireLoginOptions = {}) {
  const loginPage = options.loginPage ?? "/login";

  return function checkLogin(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void {
    const request = req as IncomingMessage & { user?: unknown; originalUrl?: string };
    if (request.user) return next();
    res.setHeader("Cache-Control", "no-store");
    if (!wantsPage(req)) {
      res.statusCode = 401;
      res.setHeader("Content-Type", "application/json; charset=utf-8");
      res.end(JSON.stringify({ error: "login-required" }));
      return;
    }
    // Only a page that can be asked for again is worth coming back to.
    const wanted = request.originalUrl ?? req.url ?? "/";
    const back = req.method === "GET" ? `?next=${encodeURIComponent(wanted)}` : "";
    res.statusCode = 303;
    res.setHeader("Location", loginPage + back);
    res.end();
  };
}

function wantsPage(req: IncomingMessage): boolean {
  return (req.headers.accept ?? "").includes("text/html");
}
