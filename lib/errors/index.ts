/** The errors and warnings that users see. The lowest module; all others use it. */
export { codes, type Code } from "./codes.js";
export { errorText } from "./error-text.js";
export { failureReasons, type FailureReason } from "./failure-reason.js";
export { HoldfastError, type HoldfastErrorOptions } from "./holdfast-error.js";
export { moveRefused, optionInvalid, redisUnavailable, setupInvalid, unavailable } from "./make.js";
export { isMissingFile } from "./missing-file.js";
export { propertyOf } from "./property-of.js";
export { callOutside, realTime } from "./real-time.js";
export { isHashedName, sessionDigest, sessionLabel, sha256Of } from "./session-label.js";
export { allowAgain, warn, warnOnce } from "./warn-once.js";
export { within } from "./within.js";
