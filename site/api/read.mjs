// The public API, as the built declarations say it: what each entry of the package exports, with its docstrings.
// Read with TypeScript 5, as TypeScript 7 has no stable API for that. (API Extractor's model loses the indentation of
// examples, and TypeDoc does not run beside TypeScript 7.)
import { join } from "node:path";
import ts from "typescript5";
import { manifest, root } from "../repository.mjs";
import { membersOf } from "./members.mjs";
import { codeOf, docOf } from "./nodes.mjs";

/** The declarations of each entry, by its name, such as `holdfast/auth`. */
const files = new Map(
  Object.entries(manifest.exports)
    .filter(([, conditions]) => conditions.types)
    .map(([path, { types }]) => [path.replace(".", manifest.name), join(root, types.import)]),
);

/**
 * @returns a map of entries, each with its exports in alphabetical order: `{ name, kind, docs, signatures, members }`, or
 *   `{ name, kind: "elsewhere", from }` for what an entry before it, or another package, has
 */
export function readApi() {
  const { NodeNext } = ts.ModuleKind;
  const options = { module: NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: ["node"] };
  const program = ts.createProgram([...files.values()], options);
  const checker = program.getTypeChecker();
  const seen = new Map();
  const api = new Map();
  for (const [entry, file] of files) {
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
    api.set(entry, symbols.map((symbol) => read(symbol, entry)).toSorted(byName));
  }
  return api;

  /** The class behind a constant that is one under another name, or with other type parameters. */
  function classOf(nodes) {
    const variable = nodes.find(ts.isVariableDeclaration);
    const [made] = variable ? checker.getTypeAtLocation(variable).getConstructSignatures() : [];
    const found = made?.getReturnType().symbol.valueDeclaration;
    return found && [found];
  }

  function read(symbol, entry) {
    const { name, flags, declarations = [] } = symbol;
    const target = flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (seen.has(target)) return { name, kind: "elsewhere", from: seen.get(target) };
    const nodes = (target.declarations ?? []).filter((node) =>
      node.getSourceFile().fileName.startsWith(join(root, "dist")),
    );
    if (nodes.length === 0) return { name, kind: "elsewhere", from: { package: packageOf(target) } };
    seen.set(target, { entry, name });
    return { name, ...describe(classOf(nodes) ?? nodes, declarations.some(ts.isTypeOnlyExportDeclaration)) };
  }
}

const byName = (one, other) => one.name.localeCompare(other.name, "en");

/** The package that declares it: of `node_modules/@types/express-session/index.d.ts`, `express-session`. */
function packageOf({ declarations = [] }) {
  const path = declarations[0]?.getSourceFile().fileName ?? "";
  return /.*\/node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "another package";
}

/** @param nodes all declarations of one name @param isType whether it is exported as a type only */
function describe(nodes, isType) {
  const functions = nodes.filter(ts.isFunctionDeclaration);
  if (functions.length > 0)
    return { kind: "function", signatures: functions.map(signatureOf), members: [], doc: docOf(functions) };
  const variable = nodes.find(ts.isVariableDeclaration);
  if (variable)
    return {
      kind: "constant",
      signatures: [`declare const ${codeOf(variable)};`],
      members: [],
      doc: docOf([variable]),
    };
  const alias = nodes.find(ts.isTypeAliasDeclaration);
  if (alias)
    return { kind: "type", signatures: [signatureOf(alias)], members: membersOf(alias.type), doc: docOf([alias]) };
  const main = nodes.find(ts.isClassDeclaration) ?? nodes.find(ts.isInterfaceDeclaration);
  if (!main) return { kind: "type", signatures: nodes.map(signatureOf), members: [], doc: docOf(nodes) };
  const kind = ts.isClassDeclaration(main) && !isType ? "class" : "interface";
  return {
    kind,
    signatures: [headOf(main)],
    members: nodes.flatMap((node) => membersOf(node, { isType })),
    doc: docOf([main]),
  };
}

const signatureOf = (node) => codeOf(node).replace(/^(export )?(declare )?/, "");

/** A class or an interface without its members. */
function headOf(node) {
  const clauses = (node.heritageClauses ?? []).map(codeOf);
  const parameters = node.typeParameters?.length ? `<${node.typeParameters.map(codeOf).join(", ")}>` : "";
  return (
    [`${ts.isClassDeclaration(node) ? "class" : "interface"} ${node.name.text}${parameters}`, ...clauses].join(" ") +
    " {}"
  );
}
