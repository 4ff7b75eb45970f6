/**
 * What the package is tried with, as scripts/matrix/cells.mjs lists it. A cell is a `describe` of a few tests. `npm test`
 * runs the cells that are marked `inTests`, `npm run matrix` those that it names in HOLDFAST_MATRIX.
 */
import { describe, it } from "vitest";

/** What each cell has; more depends on its kind. */
export interface Cell {
  name: string;
  /** What it is called in its table, without versions. */
  columns: string[];
  inTests?: boolean | string[] | undefined;
}

/** What became of one check of a cell: "kept", or why not. Columns have the versions that ran. */
export interface CellResult {
  columns: string[];
  outcomes: Record<string, string>;
}

declare module "vitest" {
  interface TaskMeta {
    /** For scripts/matrix.mjs, which reads it in vitest's report. */
    cell?: { name: string; columns: string[] };
  }
}

const root = new URL("../../", import.meta.url);
const list = (await import(new URL("scripts/matrix/cells.mjs", root).href)) as {
  kinds: Record<string, { cells: Cell[] }>;
  sites: unknown;
};

/** Set by scripts/matrix.mjs: names of cells, one a line. */
const chosen = process.env["HOLDFAST_MATRIX"]?.split("\n");
export const isMatrix = chosen !== undefined;

/** The cells of a kind that run now. */
export function cellsOf<C extends Cell>(kind: string): C[] {
  const cells = list.kinds[kind]!.cells as C[]; // each kind's test knows its own fields
  return cells.filter(({ name, inTests }) => (chosen ? chosen.includes(name) : inTests));
}

/** So much of what a program has printed is told; vitest compares it letter by letter. */
const longest = 2000;

/**
 * Each check of a cell as a test of its own. The cell runs once, with the first of them.
 *
 * @param checks their names
 */
export function cellTests(cell: Cell, checks: string[], work: () => Promise<CellResult>): void {
  let running: Promise<CellResult> | undefined;
  describe.each([cell.name])("%s", () => {
    it.for(checks)("%s", { timeout: 300_000 }, async (check, { task, expect }) => {
      task.meta.cell = { name: cell.name, columns: cell.columns };
      running ??= work().catch((error: unknown) => {
        throw new Error(String(error).slice(0, longest));
      });
      const { columns, outcomes } = await running;
      task.meta.cell = { name: cell.name, columns };
      expect((outcomes[check] ?? "it was not tried").slice(0, longest)).toBe("kept");
    });
  });
}

/** Does the work when it is first asked for, and once. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= work());
}
