/** The address of the section of docs/errors.md that explains an error; its heading is the code. */
import type { Code } from "./codes.js";

const page = "https://github.com/holdfast-sessions/holdfast/blob/main/docs/errors.md";

export function helpFor(code: Code): string {
  return `${page}#${code.toLowerCase()}`;
}
