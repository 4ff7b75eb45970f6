/** What can be wrong with a sessions table, in words: what happened, why, and what to do. */
import { codes, HoldfastError } from "../../errors/index.js";

/** Where a source is; for messages. */
export interface Place {
  /** "PostgreSQL" */
  readonly database: string;
  /** `PostgreSQL, table "session"` */
  readonly name: string;
  /** Host and port, or the file; never the whole url, which can hold a password. */
  readonly at: string;
  readonly isFile?: boolean;
}

export function unreachable({ database, at, isFile }: Place, reason: string, cause?: unknown): HoldfastError {
  const remedy = `Check ${isFile ? "" : "that it runs, and "}the address in the url of the sessions table.`;
  const message = `${database} at ${at} cannot be reached: ${reason}. ${remedy}`;
  return new HoldfastError(codes.SOURCE_UNREACHABLE, message, { cause, status: 503 });
}

export function refusedLogin({ database, at }: Place, cause: unknown): HoldfastError {
  const remedy = "Check the user, the password and the database in the url of the sessions table.";
  return new HoldfastError(codes.SOURCE_REFUSED_LOGIN, `${database} at ${at} refused the login. ${remedy}`, { cause });
}

export function noSuchDatabase({ database, at }: Place, cause: unknown): HoldfastError {
  const message = `${database} at ${at} has no database of that name. Check the end of the url of the sessions table.`;
  return new HoldfastError(codes.SOURCE_REFUSED_LOGIN, message, { cause });
}

export function noTable({ name }: Place, cause?: unknown): HoldfastError {
  const remedy = "Name the one that your session store uses, with its schema if it has one of its own.";
  return new HoldfastError(codes.SOURCE_TABLE, `${name}: there is no such table. ${remedy}`, { cause });
}

export function wrongTable({ name }: Place, problem: string, cause?: unknown): HoldfastError {
  const remedy = "Name the table and the columns that your session store uses.";
  return new HoldfastError(codes.SOURCE_TABLE, `${name}: ${problem}. ${remedy}`, { cause });
}

export function notAllowed({ name }: Place, cause: unknown): HoldfastError {
  const remedy = "It needs SELECT, INSERT, UPDATE and DELETE, as your session store has them.";
  return new HoldfastError(codes.SOURCE_TABLE, `${name}: this user may not use the table. ${remedy}`, { cause });
}

/** The database's own text is left to `cause`: it can quote a row, and thereby a session id. */
export function failed({ name }: Place, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  const message = `${name}: the database answered with an error${code && ` (${code})`}. Its text is in \`cause\`.`;
  return new HoldfastError(codes.SOURCE_FAILED, message, { cause });
}

/** The code of a driver's error, as `ECONNREFUSED`, `42P01` or `ER_NO_SUCH_TABLE`; else "". */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

const reasons: [RegExp, string][] = [
  [/ECONNREFUSED/, "nothing listens there"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name is not known"],
  [/ENOENT/, "the socket file does not exist"],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout/i, "it did not answer in time"],
  [
    /ECONNRESET|EPIPE|CONNECTION_LOST|Connection terminated|Connection ended|closed state/i,
    "the connection was closed",
  ],
  [/certificate|self.signed|\bSSL\b|\bTLS\b|ERR_SSL|HANDSHAKE_NO_SSL/i, "the TLS handshake failed"],
];

/** Why there is no connection, when that is what the error says. */
export function connectionReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const text = `${codeOf(cause)} ${cause.message}`;
  return reasons.find(([pattern]) => pattern.test(text))?.[1];
}

/** Host and port of a url, for messages. @throws HoldfastError SOURCE_INVALID when it is none */
export function addressOf(url: string, defaultPort: number): string {
  try {
    const { hostname, port, username, password, pathname } = new URL(url);
    for (const part of [username, password, pathname]) decodeURIComponent(part); // as the drivers will
    return hostname ? `${hostname}:${port || defaultPort}` : "its local socket";
  } catch {
    const message =
      "The url of the sessions table cannot be read. It has the form scheme://user:password@host:port/database; " +
      "write characters such as @ : / # in the user or password with encodeURIComponent().";
    throw new HoldfastError(codes.SOURCE_INVALID, message);
  }
}
