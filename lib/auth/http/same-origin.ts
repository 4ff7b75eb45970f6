/** Refuses requests from pages of other sites. */
import type { IncomingMessage } from "node:http";
import { optionInvalid } from "../../errors/index.js";
import type { Handler } from "../request/handler.js";

/** Options of `sameOrigin()`. */
export interface SameOriginOptions {
  /**
   * Further origins whose pages may post here, such as your site's own if a proxy changes the header Host.
   *
   * @default only the one in the header Host
   * @example ["https://shop.example"]
   */
  origins?: readonly string[] | undefined;
}

/** Requests of these methods change nothing. */
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Responds with 403 to a request that is not GET, HEAD or OPTIONS and comes from a page of another site, including a
 * sibling subdomain. Browsers send where a request comes from: in `Sec-Fetch-Site` or, over plain HTTP, which lacks it,
 * in `Origin` or `Referer`, which is compared with `Host`. A request with none of these comes from a program, not from
 * a page.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 * @example app.use(sameOrigin())
 */
export function sameOrigin({ origins = [] }: SameOriginOptions = {}): Handler {
  const named = new Set(origins.map(checked));
  return function sameOrigin(req, res, next) {
    if (safeMethods.has(req.method ?? "") || comesFromHere(req, named)) return next();
    res.statusCode = 403;
    res.setHeader("Cache-Control", "no-store");
    res.setHeader("Content-Type", "text/plain; charset=utf-8");
    res.end("This request came from a page of another site, so nothing was done.\n");
  };
}

function comesFromHere({ headers }: IncomingMessage, named: ReadonlySet<string>): boolean {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return true;
  const from = headers.origin ?? headers.referer;
  if (from === undefined) return site === undefined;
  if (!URL.canParse(from)) return false; // "null": the page hides its origin
  const { origin, protocol, host } = new URL(from);
  if (named.has(origin)) return true;
  const here = `${protocol}//${headers.host ?? ""}`;
  return site === undefined && host !== "" && URL.canParse(here) && new URL(here).host === host;
}

function checked(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  throw optionInvalid(
    `\`origins\` must list origins in the form "https://shop.example", but contains ${JSON.stringify(origin)}`,
  );
}
