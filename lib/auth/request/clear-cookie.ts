/** Removes the session's cookie after the session was destroyed. */
import type { ServerResponse } from "node:http";
import { serialize } from "cookie";
import type { CookieSettings } from "../../session/index.js";

/**
 * A browser identifies a cookie by its name, path and domain, and in a frame of another site by its partition. There,
 * it ignores lines that are not marked like the cookie.
 */
export function clearCookie(res: ServerResponse, name: string, cookie: object): void {
  if (res.headersSent) return;
  const { path, domain, secure, httpOnly, sameSite, partitioned }: CookieSettings = cookie;
  const line = serialize(name, "", {
    path: typeof path === "string" ? path : "/",
    ...(typeof domain === "string" && { domain }),
    secure: secure === true,
    httpOnly: httpOnly !== false,
    partitioned: partitioned === true,
    ...(isSameSite(sameSite) && { sameSite }),
    expires: new Date(0),
  });
  res.appendHeader("Set-Cookie", line);
}

/** Whether a session's cookie has one of the values that the attribute `SameSite` can have. */
export function isSameSite(value: unknown): value is true | "strict" | "lax" | "none" {
  return value === true || value === "strict" || value === "lax" || value === "none";
}
