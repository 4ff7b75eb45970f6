/** Errors that are created in several places, so that they are the same everywhere. Pure. */
import { codes, type Code } from "./codes.js";
import type { FailureReason } from "./failure-reason.js";
import { HoldfastError } from "./holdfast-error.js";

/** Why something cannot be done at the moment. */
export interface UnavailableDetails {
  /** The underlying error, for logs. */
  cause?: unknown;
  /** Why Redis could not be used. @default the `reason` of `cause` */
  reason?: FailureReason | undefined;
}

/** HTTP status 503 with `Retry-After`: the same request may succeed in a moment. */
export function unavailable(code: Code, message: string, details: UnavailableDetails = {}): HoldfastError {
  return new HoldfastError(code, message, { ...details, status: 503, headers: { "Retry-After": "1" } });
}

/** The same for Redis; the message ends with what to do about it. `what` is one or more sentences. */
export function redisUnavailable(what: string, details?: UnavailableDetails): HoldfastError {
  const message = `${what} Try again in a moment; if it lasts, look at the Redis server.`;
  return unavailable(codes.STORE_UNAVAILABLE, message, details);
}

/** `what` completes "The option ...", for example "`ttl` must be a number". */
export function optionInvalid(what: string): HoldfastError {
  return setupInvalid(`The option ${what}.`);
}

/** The same code with a message of its own, for a setup error that is not about a single option. */
export function setupInvalid(message: string): HoldfastError {
  return new HoldfastError(codes.OPTION_INVALID, message);
}

/** A migration step that would lose something; `sentence` says why, and what to do first. */
export function moveRefused(sentence: string): HoldfastError {
  return new HoldfastError(codes.MOVE_REFUSED, sentence, { status: 409 });
}
