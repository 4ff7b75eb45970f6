/** What a user can be told, and how: the lowest room, used by all others. */
export { codes, type Code } from "./codes.js";
export { HoldfastError, type HoldfastErrorOptions } from "./holdfast-error.js";
export { sessionLabel } from "./session-label.js";
export { allowAgain, warnOnce } from "./warn-once.js";
