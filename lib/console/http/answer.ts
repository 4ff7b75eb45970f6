/** How the console answers: pages that can do nothing but what is written in them, and that no cache keeps. */
import type { ServerResponse } from "node:http";
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { visibleLines } from "../../ops/visible.js";

/** Scripts, styles, pictures and events come from the console itself; nothing is inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "X-Robots-Tag": "noindex, nofollow",
  "Cache-Control": "no-store",
};

/** Also replaces what the app's own security headers say, which were written for other pages. */
export function setHeaders(res: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.removeHeader("ETag");
}

export function textOf(page: VNode): string {
  return `<!doctype html>${htmlOf(page)}`;
}

/**
 * Nothing invisible is sent, whoever has named a user or written to Redis. So a form sends such text back unchanged only
 * if its address has it, which is encoded.
 */
export function htmlOf(part: VNode): string {
  return visibleLines(renderToString(part));
}

export function sendPage(res: ServerResponse, status: number, page: VNode): void {
  send(res, status, "text/html; charset=utf-8", textOf(page));
}

export function send(res: ServerResponse, status: number, type: string, text: string): void {
  res.statusCode = status;
  res.setHeader("Content-Type", type);
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.end(text);
}

/** @param to relative to the address in the browser, which a proxy may have changed */
export function redirect(res: ServerResponse, to: string): void {
  res.statusCode = 303;
  res.setHeader("Location", to);
  res.end();
}

/** Sends what has been written so far, also through a middleware that compresses. */
export function flush(res: ServerResponse): void {
  const flushNow: unknown = Reflect.get(res, "flush");
  if (typeof flushNow === "function") flushNow.call(res);
}
