/** Everything that is shown at one time, fitted to the width and the height. Pure. */
import { span as duration } from "../words.js";
import { count } from "./figures.js";
import { sorted, type ColumnName } from "./columns.js";
import { cutLine, span, wrapped, type Line } from "./spans.js";
import { summary } from "./summary.js";
import { table } from "./table.js";
import type { Problem, Shown, View } from "./view.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const unlimited: Size = { width: Infinity, height: Infinity };

export interface PageOptions extends Size {
  readonly sort: ColumnName;
  /** Behind the title. */
  readonly hint?: string | undefined;
}

export function page({ view, problem, hadProcesses }: Shown, { sort, hint, width, height }: PageOptions): Line[] {
  const { processes } = view.pulses;
  const [heading, ...rows] = processes.length > 0 ? table(sorted(processes, sort), width) : [];
  const below = heading ? [heading] : noProcesses(view, hadProcesses, width);
  const known = [...summary(view, width), [], ...below, ...rows];
  const head = [title(view, hint), ...(problem ? oldLines(problem, width) : [])];
  const shown = [...head, ...(problem ? known.map(dimmed) : known)];
  return fitted(shown, rows.length, height).map((line) => cutLine(line, width));
}

/** What a log gets when there is nothing new to say. */
export function problemPage({ view, problem }: Shown): Line[] {
  return [title({ ...view, at: Date.now() }), ...(problem ? oldLines(problem, Infinity) : [])];
}

function title({ at, address }: View, hint?: string): Line {
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  const line = [span("holdfast top", "bold"), span(`  ${time}  Redis at ${address}`)];
  return hint === undefined ? line : [...line, span(`  ${hint}`, "dim")];
}

function oldLines({ age, message }: Problem, width: number): Line[] {
  return wrapped(`Old, read ${duration(age)} ago: ${message}`, width, "warning");
}

const dimmed = (line: Line): Line => line.map(({ text }) => span(text, "dim"));

function noProcesses({ key }: View, hadProcesses: boolean, width: number): Line[] {
  const sentences = hadProcesses
    ? ["No process has sent a pulse lately: all have ended, or cannot reach Redis. Those that live send the next soon."]
    : [
        `No process calls pulse(), at least none with this Redis and the key ${key}. Each process of the app needs:`,
        "",
        '  import { pulse } from "holdfast/ops";',
        "  pulse(sessions); // what redisSession() returned",
        "",
        "More about it: docs/top.md",
      ];
  return sentences.flatMap((sentence) => wrapped(sentence, width));
}

/** The lines that do not fit are counted; the last of them are those of processes. */
function fitted(lines: readonly Line[], rows: number, height: number): Line[] {
  if (lines.length <= height) return [...lines];
  const kept = Math.max(0, height - 1);
  const left = lines.length - kept;
  const what = left > rows ? (left === 1 ? " line" : " lines") : "";
  return [...lines.slice(0, kept), [span(`… ${count(left)} more${what}`, "dim")]].slice(0, Math.max(0, height));
}
