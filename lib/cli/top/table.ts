/** The processes as lines of columns, as many as fit the width. Pure. */
import type { Pulse } from "../../ops/index.js";
import { byImportance, columns, type Column, type ColumnName } from "./columns.js";
import { cut, padded, span, widthOf, type Line, type Span } from "./spans.js";

const gap = span("  ");

interface Filled {
  readonly name: ColumnName;
  readonly width: number;
  readonly isNumber: boolean;
  readonly title: Span;
  readonly cells: readonly Span[];
}

/** @returns the heading, and a line for each process */
export function table(processes: readonly Pulse[], width: number): [heading: Line, ...rows: Line[]] {
  const shown = fitting(byImportance, processes, width);
  const line = (cell: (column: Filled) => Span): Line =>
    shown.flatMap((column, at) => {
      const one = padded(cell(column), column.width, column.isNumber);
      return at === 0 ? [one] : [gap, one];
    });
  return [line(({ title }) => title), ...processes.map((_, at) => line(({ cells }) => cells[at]!))];
}

/** The most important ones, in the order in which they are shown; the first in any case. */
function fitting(names: readonly ColumnName[], processes: readonly Pulse[], width: number): Filled[] {
  const kept: Filled[] = [];
  let left = width;
  for (const name of names) {
    const column = filled(name, processes);
    left -= column.width + (kept.length === 0 ? 0 : widthOf([gap]));
    if (left < 0 && kept.length > 0) break;
    kept.push(column);
  }
  const order = Object.keys(columns);
  return kept.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

function filled(name: ColumnName, processes: readonly Pulse[]): Filled {
  const column: Column = columns[name];
  const { isNumber, most = Infinity, style } = column;
  const cells = processes.map((pulse) => {
    const { text } = span(column.text(pulse));
    return span(cut(text, most), style?.(pulse));
  });
  const width = Math.max(column.width, ...cells.map((cell) => widthOf([cell])));
  return { name, width, isNumber, title: span(column.title, "bold"), cells };
}
