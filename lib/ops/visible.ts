/**
 * Text that others have chosen, as it may be shown: whoever names a user or writes to Redis must not control a terminal,
 * turn the order of what stands beside it, or look like somebody else. Pure.
 */

/** Characters that are invisible or control a terminal, and those that are not characters. */
const unprintable = /[\p{C}\u2028\u2029]/gu;

/** With such characters as in JSON, `\u202e`. Backslashes stay as they are. */
export function visible(text: string): string {
  return text.replace(unprintable, escaped);
}

/** The same, except that lines stay lines: for text that is laid out, whose parts have been escaped already. */
export function visibleLines(text: string): string {
  return text.replace(unprintable, (char) => (char === "\n" ? char : escaped(char)));
}

/** JSON in which such characters are escaped; it reads as the same value. */
export function visibleJson(value: unknown, indent?: number): string {
  return visibleLines(JSON.stringify(value, undefined, indent));
}

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(char: string): string {
  return short[char] ?? Array.from({ length: char.length }, (_, i) => codeOf(char.charCodeAt(i))).join("");
}

function codeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
