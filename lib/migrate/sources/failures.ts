/** The errors of a sessions table: what happened, why, and what to do. */
import { codes, HoldfastError } from "../../errors/index.js";

/** How messages name a source. */
export interface Place {
  /** "PostgreSQL" */
  readonly database: string;
  /** `PostgreSQL, table "session"` */
  readonly name: string;
  /** Host and port, or the file; never the whole URL, which may contain a password. */
  readonly at: string;
  readonly isFile?: boolean;
}

export function unreachable({ database, at, isFile }: Place, reason: string, cause?: unknown): HoldfastError {
  const remedy = `Check ${isFile ? "" : "that it is running, and "}the address in the URL of the sessions table.`;
  const message = `${database} at ${at} cannot be reached: ${reason}. ${remedy}`;
  return new HoldfastError(codes.SOURCE_UNREACHABLE, message, { cause, status: 503 });
}

export function refusedLogin({ database, at }: Place, cause: unknown): HoldfastError {
  const remedy = "Check the user, the password and the database in the URL of the sessions table.";
  return new HoldfastError(codes.SOURCE_REFUSED_LOGIN, `${database} at ${at} refused the login. ${remedy}`, { cause });
}

export function noSuchDatabase({ database, at }: Place, cause: unknown): HoldfastError {
  const message = `${database} at ${at} has no database of that name. Check the end of the URL of the sessions table.`;
  return new HoldfastError(codes.SOURCE_REFUSED_LOGIN, message, { cause });
}

export function noTable({ name }: Place, cause?: unknown): HoldfastError {
  const remedy = "Name the table that your session store uses, and its schema if it is not the default one.";
  return new HoldfastError(codes.SOURCE_TABLE, `${name}: there is no such table. ${remedy}`, { cause });
}

export function wrongTable({ name }: Place, problem: string, cause?: unknown): HoldfastError {
  const remedy = "Name the table and the columns that your session store uses.";
  return new HoldfastError(codes.SOURCE_TABLE, `${name}: ${problem}. ${remedy}`, { cause });
}

export function notAllowed({ name }: Place, cause: unknown): HoldfastError {
  const remedy = "Grant it SELECT, INSERT, UPDATE and DELETE, like your session store's user.";
  return new HoldfastError(codes.SOURCE_TABLE, `${name}: this user may not use the table. ${remedy}`, { cause });
}

/** A rollback would not be possible. @param problem as the end of a sentence */
export function notWritable({ name }: Place, problem: string, cause?: unknown): HoldfastError {
  const message = `${name}: ${problem}. So no session can be written back, and a move must not begin.`;
  return new HoldfastError(codes.SOURCE_NOT_WRITABLE, message, { cause });
}

/** The database works, but canceled this query. */
export function canceled({ name }: Place, why: string, cause: unknown): HoldfastError {
  const remedy = "Try again when the database is less busy, or raise this user's limit.";
  return new HoldfastError(codes.SOURCE_FAILED, `${name}: the database canceled a query: ${why}. ${remedy}`, { cause });
}

/** The database's own text is only in `cause`: it may quote a row, and so a session id. */
export function failed({ name }: Place, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  const message = `${name}: the database answered with an error${code && ` (${code})`}. Its text is in \`cause\`.`;
  return new HoldfastError(codes.SOURCE_FAILED, message, { cause });
}

/** The code of a driver's error, such as `ECONNREFUSED`, `42P01` or `ER_NO_SUCH_TABLE`; "" if it has none. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

const reasons: [RegExp, string][] = [
  [/ECONNREFUSED/, "nothing is listening there"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name is not known"],
  [/ENOENT/, "the socket file does not exist"],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout/i, "it did not answer in time"],
  [
    /ECONNRESET|EPIPE|CONNECTION_LOST|Connection terminated|Connection ended|closed state/i,
    "the connection was closed",
  ],
  [/certificate|self.signed|\bSSL\b|\bTLS\b|ERR_SSL|HANDSHAKE_NO_SSL/i, "the TLS handshake failed"],
];

/** Why there is no connection, if that is what the error means. */
export function connectionReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  // An error with a code of the server came over a connection.
  if ("severity" in cause || ("sqlState" in cause && cause.sqlState)) return undefined;
  // For a host with several addresses, Node.js reports one error each.
  const all: unknown[] = cause instanceof AggregateError ? [cause, ...cause.errors] : [cause];
  const text = all.map((one) => `${codeOf(one)} ${one instanceof Error ? one.message : ""}`).join(" ");
  return reasons.find(([pattern]) => pattern.test(text))?.[1];
}

/** The address in a URL, for messages. @throws HoldfastError SOURCE_INVALID if it cannot be parsed */
export function addressOf(url: string, defaultPort: number): string {
  try {
    const { hostname, port, username, password, pathname, searchParams } = parsedUrl(url);
    for (const part of [username, password, pathname]) decodeURIComponent(part); // as the drivers will
    const host = decodeURIComponent(searchParams.get("host") || hostname);
    const socket = searchParams.get("socketPath") ?? searchParams.get("socket") ?? (host.startsWith("/") ? host : "");
    if (socket) return `the socket ${socket}`;
    return host ? `${host}:${searchParams.get("port") || port || defaultPort}` : "its local socket";
  } catch {
    const message =
      "The URL of the sessions table is not valid. Its form is scheme://user:password@host:port/database; " +
      "encode characters such as @ : / # in the user or password with encodeURIComponent().";
    throw new HoldfastError(codes.SOURCE_INVALID, message);
  }
}

/** A URL that may have a user but no host, such as `postgres://user@/db?host=/run/postgresql`. */
export function parsedUrl(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const parsed = new URL(url.replace("@/", "@localhost/"));
  const hasSocket = ["host", "socketPath", "socket"].some((name) => parsed.searchParams.get(name)?.startsWith("/"));
  if (!hasSocket) throw new TypeError("no host");
  return parsed;
}
