/** Refuses requests from pages of other sites. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { codes, HoldfastError, optionInvalid } from "../../errors/index.js";

/** Options of `sameOrigin()`. */
export interface SameOriginOptions {
  /**
   * Further origins whose pages may post and open WebSockets here, such as your site's own if a proxy changes the header Host.
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
 * sibling subdomain; also to the handshake of a WebSocket, which any page may begin, with the visitor's cookies. Browsers send where a request comes from: in `Sec-Fetch-Site` or, over plain HTTP, which lacks it,
 * in `Origin` or `Referer`, which is compared with `Host`. A request with none of these comes from a program, not from
 * a page.
 *
 * Where there is no response, as for the handshake of a WebSocket, pass an empty object as `res`: then `next` gets the
 * refusal as an error.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 * @example app.use(sameOrigin())
 */
export function sameOrigin({ origins = [] }: SameOriginOptions = {}): (
  req: IncomingMessage,
  res: ServerResponse | Record<string, never>,
  next: (error?: unknown) => void,
) => void {
  const named = new Set(origins.map(checked));
  return function sameOrigin(req, res, next) {
    const isSafe = safeMethods.has(req.method ?? "") && req.headers.upgrade?.toLowerCase() !== "websocket";
    if (isSafe || comesFromHere(req, named)) return next();
    if (!isResponse(res)) return next(refusal());
    res.statusCode = 403;
    res.setHeader("Cache-Control", "no-store");
    res.setHeader("Content-Type", "text/plain; charset=utf-8");
    res.end("This request came from a page of another site, so nothing was done.\n");
  };
}

function isResponse(res: ServerResponse | Record<string, never>): res is ServerResponse {
  return typeof res.setHeader === "function";
}

function refusal(): HoldfastError {
  return new HoldfastError(
    codes.ORIGIN_REFUSED,
    "A page of another site tried to open a WebSocket, which was refused. If that site is yours, name its origin: " +
      "`sameOrigin({ origins: [...] })`.",
    { status: 403 },
  );
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
