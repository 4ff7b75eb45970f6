/** The pages of the documents: which there are, their programs, their tables. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The Markdown files in and below a folder, as paths from the root: `docs/guides/tenants.md`. */
export function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => `${folder}/${name}`)
    .toSorted();
}

export function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

export interface Block {
  readonly page: string;
  /** Of the line with the fence. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of these languages, or all of them. */
export function blocksOf(page: string, ...languages: string[]): Block[] {
  const text = textOf(page);
  const blocks = [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1]!,
    text: match[2]!,
  }));
  return languages.length === 0 ? blocks : blocks.filter(({ language }) => languages.includes(language));
}

/** The one block that contains this. */
export function blockWith(page: string, words: string): Block {
  const found = blocksOf(page).filter(({ text }) => text.includes(words));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks with ${JSON.stringify(words)}`);
  return found[0]!;
}

/** The rows of each table whose first column has this heading, as cells. */
export function rowsOf(page: string, column: string): string[][] {
  const lines = textOf(page).split("\n");
  const rows: string[][] = [];
  for (const [header, line] of lines.entries()) {
    if (!new RegExp(`^\\| ${column} +\\|`).test(line)) continue;
    for (let row = header + 2; lines[row]?.startsWith("|"); row++) rows.push(cellsOf(lines[row]!));
  }
  return rows;
}

/** A `|` within a cell is written `\|`. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The words in a cell that are marked as code. */
export function namesIn(cell: string | undefined): string[] {
  return [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}
