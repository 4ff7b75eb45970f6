/** Where a server is, as the client library knows it. Pure. */
import type { Connection } from "../../../redis/index.js";

/** `host:port`, or the path of a socket file. */
export function addressOf({ host, path, port }: Connection): string | undefined {
  if (path !== undefined) return path;
  if (host === undefined || port === undefined) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
