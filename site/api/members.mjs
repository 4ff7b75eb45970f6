// The members of a class, an interface or a type, as far as an app may use them.
import ts from "typescript5";
import { codeOf, docOf } from "./nodes.mjs";

/** @returns `{ name, kind, isStatic, isOptional, type, signatures, doc }` for each; overloads are one */
export function membersOf(node, { isType = false } = {}) {
  const all = [...literalsOf(node)].filter(
    (member) => isPublic(member) && !(isType && ts.isConstructorDeclaration(member)),
  );
  const groups = new Map();
  for (const member of all) {
    const isStatic = (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;
    const key = `${isStatic} ${nameOf(member)}`;
    groups.set(key, { isStatic, members: [...(groups.get(key)?.members ?? []), member] });
  }
  return [...groups.values()].map(({ isStatic, members }) => describe(members, isStatic));
}

/** The members that stand in the declaration itself; of an intersection or a union, those of its parts. */
function literalsOf(node) {
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return node.members;
  if (ts.isIntersectionTypeNode(node) || ts.isUnionTypeNode(node))
    return node.types.flatMap((part) => [...literalsOf(part)]);
  return ts.isParenthesizedTypeNode(node) ? literalsOf(node.type) : [];
}

function isPublic(member) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (ts.getCombinedModifierFlags(member) & hidden) return false;
  if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal")) return false;
  return !member.name || !(ts.isPrivateIdentifier(member.name) || ts.isComputedPropertyName(member.name));
}

function nameOf(member) {
  if (ts.isConstructorDeclaration(member)) return "constructor";
  if (member.name) return ts.isStringLiteral(member.name) ? member.name.text : member.name.getText();
  return ts.isIndexSignatureDeclaration(member) ? "[key]" : "()";
}

function describe(members, isStatic) {
  const [first] = members;
  const isCalled = [
    ts.isMethodDeclaration,
    ts.isMethodSignature,
    ts.isConstructorDeclaration,
    ts.isCallSignatureDeclaration,
    ts.isConstructSignatureDeclaration,
    ts.isIndexSignatureDeclaration,
  ].some((is) => is(first));
  const isOptional = first.questionToken !== undefined;
  const type = isCalled || !first.type ? undefined : codeOf(first.type).replaceAll(/\s+/g, " ");
  return {
    name: nameOf(first),
    kind: ts.isConstructorDeclaration(first) ? "constructor" : isCalled ? "method" : "property",
    isStatic,
    isOptional,
    type: isOptional ? type?.replace(/ \| undefined$/, "") : type,
    signatures: isCalled ? members.map((member) => codeOf(member).replace(/^public /, "")) : [],
    doc: docOf(members),
  };
}
