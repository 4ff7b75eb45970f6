/** Walks the declarations of the package. TypeScript 7 has no stable API for that, so it is done with TypeScript 5. */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript5";

export interface PublicTypes {
  /** Types of this package that stand in a public signature and that no subpath exports, with the place. */
  forgotten: string[];
  /** Optional properties that do not take `undefined`, which `exactOptionalPropertyTypes` then refuses. */
  exact: string[];
}

/** What we give to a client, whose own types are exact. */
const passedOn = new Set(["SetOptions", "RedisSetOptions"]);

/** @param folder a consumer's, with the package in its node_modules */
export function publicTypes(folder: string): PublicTypes {
  const dist = realpathSync(join(folder, "node_modules/holdfast/dist"));
  const entries = ["index.d.ts", "auth/index.d.ts", "migrate/index.d.ts", "ops/index.d.ts"].map((entry) =>
    join(dist, entry),
  );
  const program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  });
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = new Set(
    entries.flatMap((entry) => {
      const file = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
      return checker.getExportsOfModule(file).map(resolved);
    }),
  );
  // `export type RedisSessionStore = TheClass` is a name for TheClass.
  for (const symbol of exported) {
    const [alias] = (symbol.declarations ?? []).filter(ts.isTypeAliasDeclaration);
    const target = alias && ts.isTypeReferenceNode(alias.type) && checker.getSymbolAtLocation(alias.type.typeName);
    if (target) exported.add(resolved(target));
  }
  const looked = new Set<ts.Symbol>();
  const forgotten = new Set<string>();
  const exact = new Set<string>();
  for (const symbol of exported) for (const node of ownDeclarations(symbol)) visit(node, symbol.name);
  return { forgotten: [...forgotten].sort(), exact: [...exact].sort() };

  function ownDeclarations(symbol: ts.Symbol) {
    const all = symbol.declarations ?? [];
    return all.every((node) => node.getSourceFile().fileName.startsWith(dist)) ? all : [];
  }

  function visit(node: ts.Node, place: string): void {
    if (isPrivate(node)) return;
    const named = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    const symbol = named && checker.getSymbolAtLocation(named);
    if (symbol) {
      const target = resolved(symbol);
      const isParameter = (target.flags & ts.SymbolFlags.TypeParameter) !== 0;
      if (!isParameter && ownDeclarations(target).length > 0 && !exported.has(target)) {
        // What a module keeps to itself is an abbreviation, and what it stands for is looked at instead.
        const isLocal = ownDeclarations(target).every((one) => ts.isTypeAliasDeclaration(one) && !isExported(one));
        if (!isLocal) forgotten.add(`${target.name} in ${place}`);
        else if (!looked.has(target)) {
          looked.add(target);
          for (const one of ownDeclarations(target)) visit(one, place);
        }
      }
    }
    if (
      ts.isPropertySignature(node) &&
      node.questionToken &&
      node.type &&
      !takesUndefined(node.type) &&
      !passedOn.has(place)
    ) {
      exact.add(`${place}.${node.name.getText()}`);
    }
    if (ts.isTypeReferenceNode(node) && node.typeName.getText() === "Partial") exact.add(`${place}: ${node.getText()}`);
    ts.forEachChild(node, (child) => visit(child, place));
  }

  function isExported(node: ts.Declaration): boolean {
    return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;
  }

  function isPrivate(node: ts.Node): boolean {
    if (!ts.isClassElement(node)) return false;
    if (node.name && ts.isPrivateIdentifier(node.name)) return true;
    return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  }

  function takesUndefined(type: ts.TypeNode): boolean {
    const kinds = ts.isUnionTypeNode(type) ? type.types.map(({ kind }) => kind) : [type.kind];
    const { flags } = checker.getTypeFromTypeNode(type);
    return kinds.includes(ts.SyntaxKind.UndefinedKeyword) || (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
  }
}
