/** What the public entries export, with the docstrings that an editor shows. Read with TypeScript 5, as TypeScript 7 has no stable API. */
import ts from "typescript5";
import { manifest, root } from "../../package/stranger.js";

export interface Documented {
  /** Such as `redisSession`, `RedisSessionStore.get` or `LocalAuthOptions.prefix`. */
  name: string;
  /** The entry that exports it, such as `holdfast/auth`. */
  entry: string;
  kind: "function" | "class" | "constructor" | "method" | "property";
  /** What it is a member of, if anything. */
  owner: string | undefined;
  isOptional: boolean;
  /** It can only be `undefined` or `false`: another option rules it out. */
  isRuledOut: boolean;
  /** A number, or a union that contains one. */
  isNumber: boolean;
  /** The text before the tags. */
  text: string;
  defaults: string[];
  examples: string[];
}

/** The source of each entry: `holdfast/auth` is lib/auth/index.ts. */
const entries = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((path) => path !== "./package.json")
    .map((path) => [path.replace(".", "holdfast"), `lib${path.slice(1)}/index.ts`]),
);

export interface PublicDocs {
  documented: Documented[];
  /** The names that each entry exports, types included. */
  exported: Map<string, string[]>;
}

export function publicDocs(): PublicDocs {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, files: [], include: [] }, ts.sys, root);
  const files = Object.values(entries).map((entry) => root + entry);
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const documented: Documented[] = [];
  const exported = new Map<string, string[]>();
  const seen = new Set<ts.Node>();
  for (const [entry, file] of Object.entries(entries)) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(root + file)!)!;
    const symbols = checker.getExportsOfModule(module);
    exported.set(
      entry,
      symbols.map(({ name }) => name),
    );
    for (const symbol of symbols) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const isType = symbol.declarations?.some((node) => ts.isTypeOnlyExportDeclaration(node)) ?? false;
      for (const node of target.declarations ?? []) read(symbol.name, node, entry, isType);
    }
  }
  return { documented, exported };

  function read(name: string, node: ts.Node, entry: string, isType = false): void {
    if (seen.has(node) || !isOurs(node)) return;
    seen.add(node);
    const note = (kind: Documented["kind"], of = node, member?: string) => {
      const optional = "questionToken" in of && of.questionToken !== undefined;
      documented.push({
        name: member === undefined ? name : `${name}.${member}`,
        entry,
        kind,
        owner: member === undefined ? undefined : name,
        isOptional: optional,
        isRuledOut: partsOf(checker.getTypeAtLocation(of)).every(isNothing),
        isNumber: isNumber(checker.getTypeAtLocation(of)),
        ...docstring(of),
      });
    };
    if (ts.isFunctionDeclaration(node)) {
      const { parent } = node;
      const isHidden =
        node.body !== undefined &&
        ts.isSourceFile(parent) &&
        parent.statements.some(
          (other) => ts.isFunctionDeclaration(other) && !other.body && other.name?.text === node.name?.text,
        );
      if (!isHidden) note("function"); // the implementation of overloads is not seen
    } else if (ts.isVariableDeclaration(node)) {
      const type = checker.getTypeAtLocation(node);
      const made = type.getConstructSignatures()[0]?.getReturnType().symbol.valueDeclaration;
      if (made) read(name, made, entry);
      else if (type.getCallSignatures().length > 0) note("function", node.parent.parent);
    } else if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      if (ts.isClassDeclaration(node) && !isType) note("class"); // an app cannot create what is exported as a type
      for (const member of node.members) readMember(member, note);
    } else if (ts.isTypeAliasDeclaration(node)) readLiterals(node.type, note);
  }

  /** The members that stand in the alias itself. */
  function readLiterals(type: ts.Node, note: (kind: Documented["kind"], of: ts.Node, member: string) => void): void {
    if (ts.isTypeLiteralNode(type)) for (const member of type.members) readMember(member, note);
    else if (ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type) || ts.isParenthesizedTypeNode(type))
      ts.forEachChild(type, (part) => readLiterals(part, note));
  }

  function readMember(
    member: ts.ClassElement | ts.TypeElement,
    note: (kind: Documented["kind"], of: ts.Node, member: string) => void,
  ): void {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    if (ts.getCombinedModifierFlags(member) & hidden || ts.getJSDocTags(member).some(isInternal)) return;
    if (!member.name || ts.isPrivateIdentifier(member.name) || ts.isComputedPropertyName(member.name)) return;
    const name = member.name.getText();
    if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member)) note("method", member, name);
    else if (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member) || ts.isGetAccessor(member))
      note("property", member, name);
  }

  function isNumber(type: ts.Type): boolean {
    return partsOf(type).some(({ flags }) => (flags & ts.TypeFlags.NumberLike) !== 0);
  }

  function isNothing(type: ts.Type): boolean {
    return ["undefined", "false"].includes(checker.typeToString(type));
  }
}

const partsOf = (type: ts.Type) => (type.isUnion() ? type.types : [type]);

const isInternal = (tag: ts.JSDocTag) => tag.tagName.text === "internal";
const isOurs = (node: ts.Node) => node.getSourceFile().fileName.startsWith(`${root}lib/`);

/** The last comment before a node, taken apart. TypeScript's own parser does not keep the indentation of examples. */
function docstring(node: ts.Node): Pick<Documented, "text" | "defaults" | "examples"> {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)?.getText() ?? "";
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .replace(/ @(default|example|throws|param)\b/g, "\n@$1")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""));
  const parts = lines.join("\n").split(/^\s*(?=@[a-z])/m);
  const tagged = (name: string) =>
    parts.filter((part) => part.startsWith(`@${name}`)).map((part) => part.slice(name.length + 1).trimEnd());
  const text = parts.filter((part) => !part.startsWith("@")).join("");
  return { text: text.trim(), defaults: tagged("default"), examples: tagged("example") };
}
