/** A cast tells the compiler what it could not check. There are few in lib/, and each has its reason beside it. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript5";
import { expect, it } from "vitest";

const lib = fileURLToPath(new URL("../../lib", import.meta.url));

interface Cast {
  file: string;
  line: number;
  text: string;
}

/** `x as T` and `<T>x`, but not `as const`. */
function castsIn(file: string, source: string): Cast[] {
  const found: Cast[] = [];
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest);
  const lines = source.split("\n");
  const visit = (node: ts.Node): void => {
    if ((ts.isAsExpression(node) && !isConst(node.type)) || ts.isTypeAssertionExpression(node)) {
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
      found.push({ file, line: line + 1, text: `${lines[line - 1]?.trim()}\n${lines[line]?.trim()}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isConst(type: ts.TypeNode): boolean {
  return ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName) && type.typeName.text === "const";
}

async function castsOfLib(): Promise<Cast[]> {
  const files = (await readdir(lib, { recursive: true })).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) => castsIn(file, readFileSync(join(lib, file), "utf8")));
}

it("finds casts, and nothing else", () => {
  const source = `const a = b as C;\nconst d = <E>f;\nconst g = ["h"] as const;\nimport { i as j } from "k";\nconst l = "m as n";`;
  expect(castsIn("a.ts", source).map(({ line }) => line)).toEqual([1, 2]);
});

/** `x as unknown as T` is two. No other module has any. Lower a number once it can be. */
const most: Record<string, number> = {
  auth: 1,
  cli: 1,
  "express-session": 4,
  http: 6,
  ops: 1,
  redis: 2,
  session: 3,
  testing: 4,
};

it("each has its reason on its line or above it", async () => {
  const unexplained = (await castsOfLib()).filter(({ text }) => !/\/\/ \S|\*\//.test(text));
  expect(unexplained.map(placeOf)).toEqual([]);
});

it("no module has more than it had", async () => {
  const places = new Map<string, string[]>();
  for (const cast of await castsOfLib()) {
    const name = cast.file.split(sep, 1)[0]!;
    places.set(name, [...(places.get(name) ?? []), placeOf(cast)]);
  }
  const grown = [...places].filter(([name, found]) => found.length > (most[name] ?? 0));
  expect(grown).toEqual([]);
});

function placeOf({ file, line }: Cast): string {
  return `${file}:${line}`;
}
