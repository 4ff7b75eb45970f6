/** The address of the section that explains an error, in the published documentation; its heading is the code. */
import type { Code } from "./codes.js";

const page = "https://holdfast-sessions.github.io/holdfast/errors.html";

export function helpFor(code: Code): string {
  return `${page}#${code.toLowerCase()}`;
}
