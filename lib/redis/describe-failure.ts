/** Turns errors of the client library or the server into errors that say what to do. Pure. */
import { codes, HoldfastError, redisUnavailable, unavailable, type FailureReason } from "../errors/index.js";
import { connectionFailure, isReply, knownFailure, messageOf } from "./failure-reasons.js";

/** Why a connection could not be made, as `ready()` reports it. */
export function describeConnectFailure(cause: unknown, shown: string): HoldfastError {
  const text = messageOf(cause);
  const redis = `Redis at ${shown}`;
  const [reason, refusal] = refusalIn(text);
  if (reason) return new HoldfastError(codes.REDIS_REFUSED_LOGIN, `${redis} ${refusal}.`, { cause, reason });
  if (/DB index is out of range/.test(text)) {
    return new HoldfastError(
      codes.REDIS_UNSUITABLE,
      `${redis} has no database with that number. Choose one from 0 to 15, at the end of the URL or in REDIS_DB.`,
      { cause },
    );
  }
  const known = knownFailure(cause) ?? unknownFailure;
  const remedy = "Check that Redis runs and that the address is right (REDIS_URL, or REDIS_HOST and REDIS_PORT).";
  const message = `${redis} cannot be reached: ${known.words}. ${remedy}`;
  return unavailable(codes.REDIS_UNREACHABLE, message, { reason: known.reason, cause });
}

/** Why Redis refused the connection, and what completes "Redis at ... ". */
function refusalIn(text: string): [reason?: FailureReason, refusal?: string] {
  const where = "one in REDIS_URL or REDIS_PASSWORD";
  if (/NOAUTH/.test(text)) return ["password", `asks for a password. Give ${where}`];
  if (/WRONGPASS|invalid password/i.test(text)) return ["password", `refused the password. Check the ${where}`];
  if (/NOPERM/.test(text))
    return ["no-permission", `does not let this user run the commands that sessions need: ${text}`];
  return [];
}

/** Why a command failed, as a request's `next(error)` reports it: HTTP 503 with `Retry-After`, and a `reason`. */
export function describeCommandFailure(error: unknown, doing: string): HoldfastError {
  // An error that the guard has described is worded again for the sender of the command.
  let cause = error;
  if (HoldfastError.is(error)) {
    if (!isUnavailable(error) || error.cause === undefined || HoldfastError.is(error.cause)) return error;
    ({ cause } = error);
  }
  const { words, reason } = knownFailure(cause) ?? unknownFailure;
  return redisUnavailable(`The session could not be ${doing}: ${words}.`, { reason, cause });
}

/**
 * The error for the sender of a command: described in words, unless it is a reply that only the sender can interpret,
 * such as WRONGTYPE or NOSCRIPT.
 */
export function commandFailure(cause: unknown): unknown {
  if (HoldfastError.is(cause)) return cause;
  const failure = isReply(cause) ? knownFailure(cause) : connectionFailure(cause);
  if (!failure) return cause;
  return redisUnavailable(`A command to Redis failed: ${failure.words}.`, { reason: failure.reason, cause });
}

/** No reply within `timeout` milliseconds. */
export function noAnswer(timeout: number): HoldfastError {
  const what = `The session store failed: Redis did not answer within ${timeout / 1000} s.`;
  return redisUnavailable(what, { reason: "timeout" });
}

/** Redis is known not to respond. */
export function notAsked(): HoldfastError {
  const known = "Redis does not respond, so no commands are sent until it does";
  return redisUnavailable(`The session store is not available: ${known}.`, { reason: "down" });
}

function isUnavailable(error: HoldfastError): boolean {
  return error.code === codes.STORE_UNAVAILABLE;
}

const unknownFailure = { words: "Redis answered with an error (see `cause`)", reason: "other" } as const;
