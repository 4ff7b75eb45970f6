/** Warnings of the process: each said once, with a code. */
import type { Code } from "./codes.js";

const said = new Set<string>();

/**
 * Emits a Node.js process warning, once for each code and subject. Node prints it in one line to stderr;
 * `process.on("warning", ...)` receives it with its `code`.
 *
 * @param subject tells two occasions of one code apart (default: the code alone)
 */
export function warnOnce(code: Code, message: string, subject = ""): void {
  const key = `${code} ${subject}`;
  if (said.has(key) || said.size >= 1000) return;
  said.add(key);
  process.emitWarning(message, { type: "HoldfastWarning", code });
}

/** Forgets what was said, so that an outage that ended can be reported again when it returns. */
export function allowAgain(code: Code, subject = ""): void {
  said.delete(`${code} ${subject}`);
}
