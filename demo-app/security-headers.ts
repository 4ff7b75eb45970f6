/** Security headers: a page can only do what the shop wrote into it. */
import type { NextFunction, Request, Response } from "express";

/** Everything comes from this site; no inline scripts or styles, frames, plug-ins, or forms that post elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function securityHeaders(req: Request, res: Response, next: NextFunction): void {
  res.set({
    "Content-Security-Policy": contentSecurityPolicy,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    // Pages show a cart and a name, so no cache may keep them, and they must be gone after logging out.
    "Cache-Control": "no-store",
  });
  if (req.secure) res.set("Strict-Transport-Security", "max-age=31536000");
  next();
}
