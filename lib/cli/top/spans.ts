/** Text on a terminal: its width, cutting and padding, and its colors. Pure. */
import stringWidth from "string-width";
import { visible } from "../../ops/visible.js";

export type Style = "plain" | "bold" | "dim" | "good" | "warning" | "bad";

/** A piece of a line. */
export interface Span {
  /** Without control characters. */
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

/** The only way to make one: much of what is shown was written to Redis by whoever may write there. */
export function span(text: string, style: Style = "plain"): Span {
  return { text: visible(text), style };
}

export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + stringWidth(text), 0);

/** What fits, with `…` in place of the rest. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let [kept, left] = ["", width - 1];
  for (const char of text) {
    left -= stringWidth(char);
    if (left < 0) break;
    kept += char;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** Blanks at the end count as nothing. */
export function cutLine(whole: Line, width: number): Line {
  const line = trimmed(whole);
  if (widthOf(line) <= width) return line;
  const spans: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    const isLast = stringWidth(text) >= left;
    spans.push({ text: isLast ? cut(`${text} `, left) : text, style });
    if (isLast) break;
    left -= stringWidth(text);
  }
  return spans;
}

function trimmed(line: Line): Line {
  const end = line.findLastIndex(({ text }) => text.trim() !== "");
  return line.slice(0, end + 1).map(({ text, style }, at) => ({ text: at === end ? text.trimEnd() : text, style }));
}

export function padded({ text, style }: Span, width: number, isRight = false): Span {
  const room = " ".repeat(Math.max(0, width - stringWidth(text)));
  return { text: isRight ? room + text : text + room, style };
}

/** A sentence in lines of at most `width`, broken between words. */
export function wrapped(text: string, width: number, style: Style = "plain"): Line[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => [span(line, style)]);
}

const codes: Record<Exclude<Style, "plain">, readonly [on: number, off: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
};

export function textOf(line: Line, isColored: boolean): string {
  const texts = line.map(({ text, style }) => {
    if (!isColored || style === "plain" || text.trim() === "") return text;
    const [on, off] = codes[style];
    return `\u001B[${on}m${text}\u001B[${off}m`;
  });
  return texts.join("");
}
