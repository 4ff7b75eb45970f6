/** Runs programs of the documents in the process of a test, so that they meet this package as it is in lib/. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { root, type Block } from "./pages.js";

export interface BlockRunner {
  /** The block as a module of its own; `edit` changes its text first, such as the version of Express. */
  load(block: Block, edit?: (text: string) => string): Promise<Record<string, any>>;
  /**
   * The block as part of an app: `given` has what it uses without declaring it. Resolves with what `wanted` names of
   * what the block declares. An import of a name that is given is left out.
   */
  run(block: Block, given: Record<string, unknown>, wanted?: readonly string[]): Promise<Record<string, any>>;
}

let folders = 0;

/** For the tests of a file; the files are removed after the last. */
export function useBlocks(): BlockRunner {
  const folder = join(root, ".build", `blocks-${process.pid}-${folders++}`);
  let files = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function imported({ page, line, language }: Block, text: string): Promise<Record<string, any>> {
    mkdirSync(folder, { recursive: true });
    const name = `${page.replaceAll(/\W/g, "-")}-${line}-${files++}`;
    const file = join(folder, `${name}.${language === "ts" ? "mts" : "mjs"}`);
    writeFileSync(file, text);
    return import(/* @vite-ignore */ file) as Promise<Record<string, any>>;
  }

  return {
    load: (block, edit = (text) => text) => imported(block, edit(block.text)),
    async run(block, given, wanted = []) {
      const isGiven = (line: string) => Object.hasOwn(given, /^import (\w+) from/.exec(line)?.[1] ?? "");
      const imports = [...block.text.matchAll(/^import [^;]+;/gm)].map(([line]) => line).filter((l) => !isGiven(l));
      const body = block.text.replaceAll(/^import [^;]+;.*$/gm, "");
      const names = Object.keys(given).join(", ");
      const text = `${imports.join("\n")}\nexport default async function ({ ${names} }) {\n${body}\nreturn { ${wanted.join(", ")} };\n}\n`;
      const { default: program } = await imported(block, text);
      return program(given) as Promise<Record<string, any>>;
    },
  };
}
