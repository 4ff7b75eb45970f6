/** One request to the console. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface Visit {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Below the place where the console is mounted: begins with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Leads from this page to the console's first page: `./`, `../` and so on. */
  readonly root: string;
  /** The operator's name, if `authorize` told it. */
  readonly operator: string | undefined;
  /** There is a migration to be shown. */
  readonly hasMove: boolean;
  /** Aborts when the browser has gone. */
  readonly gone: AbortSignal;
}

function pathOf(req: IncomingMessage): URL {
  // `//` at the beginning would be read as the name of a host.
  return new URL((req.url ?? "/").replace(/^\/*/, "/"), "http://console");
}

export function visitOf(
  req: IncomingMessage,
  res: ServerResponse,
  { operator, hasMove }: Pick<Visit, "operator" | "hasMove">,
): Visit {
  const { pathname: path, searchParams: query } = pathOf(req);
  const depth = path.split("/").length - 2;
  const abort = new AbortController();
  res.once("close", () => abort.abort());
  return {
    req,
    res,
    path,
    query,
    root: depth === 0 ? "./" : "../".repeat(depth),
    operator,
    hasMove,
    gone: abort.signal,
  };
}

/**
 * All links are relative, so that the console works under any prefix and behind any proxy. That takes a slash at the end
 * of its address. Returns where to go if it is missing, relative to the address in the browser.
 */
export function missingSlash(req: IncomingMessage): string | undefined {
  const original: unknown = Reflect.get(req, "originalUrl");
  const address = typeof original === "string" ? original : (req.url ?? "/");
  const [path = "/", ...query] = address.split("?");
  if (pathOf(req).pathname !== "/" || path.endsWith("/")) return undefined;
  const last = path.slice(path.lastIndexOf("/") + 1);
  return [`./${last}/`, ...query].join("?");
}
