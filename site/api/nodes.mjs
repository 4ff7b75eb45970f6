// A node of a declaration: its code without comments, and its docstring.
import ts from "typescript5";
import { docstringOf } from "./docstring.mjs";

const printer = ts.createPrinter({ removeComments: true });

export function codeOf(node) {
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
}

/** The docstring of the first declaration that has one: overloads may share it. */
export function docOf(nodes) {
  const comments = nodes.map((node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)?.getText());
  return docstringOf(comments.find(Boolean));
}
