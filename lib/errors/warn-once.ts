/** Process warnings, each emitted once, with a code. */
import type { Code } from "./codes.js";

/** The subjects already reported, by code. */
const said = new Map<Code, Set<string>>();

/** The most subjects per code, so that visitors can neither use up memory nor crowd out warnings with another code. */
const subjectsOfACode = 100;

/**
 * Emits a Node.js process warning once per code and subject. Node prints it to stderr on one line;
 * `process.on("warning", ...)` receives it with its `code`.
 *
 * @param subject distinguishes warnings with the same code; after a hundred subjects, the code is not reported any more
 */
export function warnOnce(code: Code, message: string, subject = ""): void {
  const subjects = said.get(code) ?? new Set();
  said.set(code, subjects);
  if (subjects.has(subject) || subjects.size >= subjectsOfACode) return;
  subjects.add(subject);
  const isLast = subjects.size === subjectsOfACode;
  warn(code, isLast ? `${message} From now on this is not said any more.` : message);
}

/** Emits the warning every time, for callers that limit the frequency themselves. */
export function warn(code: Code, message: string): void {
  process.emitWarning(message, { type: "HoldfastWarning", code });
}

/** Allows a warning to be emitted again, for example for the next outage. */
export function allowAgain(code: Code, subject = ""): void {
  said.get(code)?.delete(subject);
}
