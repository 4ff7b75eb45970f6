/** Removes the session's cookie after the session was destroyed. */
import type { ServerResponse } from "node:http";
import { serialize } from "cookie";

/** A browser identifies a cookie by its name, path and domain. */
export function clearCookie(res: ServerResponse, name: string, cookie: object): void {
  if (res.headersSent) return;
  const { path, domain, secure, httpOnly }: Record<string, unknown> = Object(cookie);
  const line = serialize(name, "", {
    path: typeof path === "string" ? path : "/",
    ...(typeof domain === "string" && { domain }),
    secure: secure === true,
    httpOnly: httpOnly !== false,
    expires: new Date(0),
  });
  res.appendHeader("Set-Cookie", line);
}
