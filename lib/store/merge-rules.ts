/** The merge rules: how two changes of one path become one. Pure. */
import { codes, HoldfastError } from "../errors/index.js";
import { same, type Json, type Slot } from "./json.js";

/**
 * Decides what a path holds when this request (`mine`) and another one (`theirs`) both changed it since `base` was
 * loaded. Each is a JSON value, or `undefined` where the path is absent; returning `undefined` removes the path.
 * A rule must be pure: it may be asked more than once.
 */
export type MergeRule = (base: Slot, mine: Slot, theirs: Slot) => Slot;

/** Adds up what both changed: for counters and quantities. An absent value counts as 0. */
export const sum: MergeRule = (base, mine, theirs) => {
  const [b, m, t] = [base ?? 0, mine ?? 0, theirs ?? 0];
  return typeof b === "number" && typeof m === "number" && typeof t === "number" ? t + (m - b) : mine;
};

/** The larger of the two numbers, or the later of two strings (as ISO dates): for "last seen". */
export const max: MergeRule = (_base, mine, theirs) => (exceeds(theirs, mine) ? theirs : mine);

/** The smaller of the two numbers, or the earlier of two strings. */
export const min: MergeRule = (_base, mine, theirs) => (exceeds(mine, theirs) ? theirs : mine);

/** Lists: what this request added comes after what is stored. */
export const append: MergeRule = (base, mine, theirs) => {
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return mine;
  const before = Array.isArray(base) ? base : [];
  if (startsWith(mine, before)) return [...theirs, ...mine.slice(before.length)];
  if (startsWith(theirs, before)) return [...mine, ...theirs.slice(before.length)];
  return mine;
};

/** Lists as sets: what either added is in, what either removed is out. */
export const union: MergeRule = (base, mine, theirs) => {
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return mine;
  const before = Array.isArray(base) ? base : [];
  const removed = before.filter((item) => !includes(mine, item) || !includes(theirs, item));
  const result: Json[] = [];
  for (const item of [...theirs, ...mine]) if (!includes(removed, item) && !includes(result, item)) result.push(item);
  return result;
};

/** What this request wrote wins: the later writer, as without a rule, but for the whole path. */
export const mine: MergeRule = (_base, own) => own;

/** What is stored wins: the first writer. */
export const theirs: MergeRule = (_base, _mine, stored) => stored;

export const namedRules = { sum, max, min, append, union, mine, theirs } as const;

/** Rules by path, as `{ pageViews: sum, "cart.*.quantity": sum }`. `*` stands for any one key, `\.` for a dot in a key. */
export type MergeRules = Record<string, MergeRule | keyof typeof namedRules>;

/** False for values that cannot be compared, so that a rule falls back to `mine`. */
function exceeds(a: Slot, b: Slot): boolean {
  if (typeof a === "number" && typeof b === "number") return a > b;
  return typeof a === "string" && typeof b === "string" && a > b;
}

function startsWith(list: Json[], prefix: Json[]): boolean {
  return list.length >= prefix.length && prefix.every((item, index) => same(item, list[index]));
}

function includes(list: Json[], item: Json): boolean {
  return list.some((other) => same(other, item));
}

/** Rules arranged by path, to be walked along with the values. */
export interface RuleNode {
  rule?: MergeRule;
  children: Map<string, RuleNode>;
  any?: RuleNode;
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` for a rule that is neither a function nor a known name */
export function compileRules(rules: MergeRules = {}): RuleNode {
  const root: RuleNode = { children: new Map() };
  for (const [path, given] of Object.entries(rules)) {
    const rule = typeof given === "function" ? given : Object.hasOwn(namedRules, given) ? namedRules[given] : undefined;
    if (typeof rule !== "function") {
      throw new HoldfastError(
        codes.OPTION_INVALID,
        `The merge rule for "${path}" is not known. Use ${Object.keys(namedRules).join(", ")} or a function (base, mine, theirs) => value.`,
      );
    }
    let node = root;
    for (const part of splitPath(path)) node = childFor(node, part);
    node.rule = rule;
  }
  return root;
}

function childFor(node: RuleNode, part: string): RuleNode {
  if (part === "*") return (node.any ??= { children: new Map() });
  const key = part.replaceAll("\\", "");
  let child = node.children.get(key);
  if (!child) node.children.set(key, (child = { children: new Map() }));
  return child;
}

/** Splits at dots that no backslash precedes; the backslashes stay, so that `\*` is told from `*`. */
function splitPath(path: string): string[] {
  return path.match(/(?:\\.|[^.\\])+/g) ?? [];
}

/** The nodes below `nodes` that apply to `key`, the named before the wildcard. */
export function descend(nodes: readonly RuleNode[], key: string): RuleNode[] {
  const below: RuleNode[] = [];
  for (const node of nodes) {
    const named = node.children.get(key);
    if (named) below.push(named);
    if (node.any) below.push(node.any);
  }
  return below;
}
