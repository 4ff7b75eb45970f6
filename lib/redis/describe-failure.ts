/** Turns what the client library or the server reports into an error that tells the remedy. Pure. */
import { codes, HoldfastError } from "../errors/index.js";

/** Why a connection could not be made, as `ready()` reports it. */
export function describeConnectFailure(cause: unknown, shown: string): HoldfastError {
  const text = messageOf(cause);
  if (/NOAUTH/.test(text)) {
    return refused(`Redis at ${shown} asks for a password. Give one in REDIS_URL or REDIS_PASSWORD.`, cause);
  }
  if (/WRONGPASS|invalid password/i.test(text)) {
    return refused(`Redis at ${shown} refused the password. Check the one in REDIS_URL or REDIS_PASSWORD.`, cause);
  }
  if (/NOPERM/.test(text)) {
    return refused(`Redis at ${shown} does not let this user run the commands that sessions need: ${text}.`, cause);
  }
  if (/DB index is out of range/.test(text)) {
    return new HoldfastError(
      codes.REDIS_UNSUITABLE,
      `Redis at ${shown} has no database of that number. Choose one from 0 to 15, at the end of the URL or in REDIS_DB.`,
      { cause },
    );
  }
  const remedy = "Check that Redis runs and that the address is right (REDIS_URL, or REDIS_HOST and REDIS_PORT).";
  return new HoldfastError(
    codes.REDIS_UNREACHABLE,
    `Redis at ${shown} cannot be reached: ${plainReason(cause)}. ${remedy}`,
    {
      cause,
      status: 503,
      headers: { "Retry-After": "1" },
    },
  );
}

/** Why a command failed, as a request's `next(error)` reports it: HTTP 503 with `Retry-After`. */
export function describeCommandFailure(cause: unknown, doing: string): HoldfastError {
  if (cause instanceof HoldfastError) return cause;
  return new HoldfastError(
    codes.STORE_UNAVAILABLE,
    `The session could not be ${doing}: ${plainReason(cause)}. Try again in a moment; if it lasts, look at the Redis server.`,
    { cause, status: 503, headers: { "Retry-After": "1" } },
  );
}

function refused(message: string, cause: unknown): HoldfastError {
  return new HoldfastError(codes.REDIS_REFUSED_LOGIN, message, { cause });
}

const knownReasons: [RegExp, string][] = [
  [/ECONNREFUSED/, "nothing listens there"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name is not known"],
  [/ENOENT/, "the socket file does not exist"],
  [/ETIMEDOUT|TimeoutError|timed? ?out/i, "it did not answer in time"],
  [/ECONNRESET|EPIPE|SocketClosed|Socket closed/i, "the connection was closed"],
  [/ClientOffline|client is offline|ClientClosed|client is closed/i, "there is no connection to Redis at the moment"],
  [/^OOM/, "Redis is out of memory (maxmemory) and evicts nothing"],
  [/^READONLY/, "this Redis server is a read-only replica"],
  [/^LOADING/, "Redis is still loading its data"],
  [/^MISCONF/, "Redis cannot save to its disk and refuses writes"],
  [/^NOPERM/, "the Redis user may not run this command"],
  [/NOAUTH|WRONGPASS/, "Redis refused the login"],
  [/CERT|certificate|SSL|TLS/i, "the TLS handshake failed"],
];

function plainReason(cause: unknown): string {
  const text = messageOf(cause);
  const name = cause instanceof Error ? `${cause.name} ${cause.constructor.name} ${text}` : text;
  for (const [pattern, reason] of knownReasons) if (pattern.test(text) || pattern.test(name)) return reason;
  return "Redis answered with an error (see `cause`)";
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? `${cause.code} ` : "";
  return cause.message || (code ? code.trim() : cause.name);
}
