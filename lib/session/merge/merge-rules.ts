/** The merge rules: how two changes of the same path are merged. Pure. */
import { setupInvalid } from "../../errors/index.js";
import { isObject, same, setSlot, type Json, type JsonObject, type Slot } from "../text/json.js";

/**
 * Decides what a path holds if this request (`mine`) and another one (`theirs`) both changed it since `base` was
 * loaded. Each is a JSON value, or `undefined` if the path is absent; returning `undefined` removes the path. A rule
 * must be pure, because it may be called more than once.
 *
 * @example
 * const longest: MergeRule = (_base, mine, theirs) => (String(mine).length > String(theirs).length ? mine : theirs);
 */
export type MergeRule = (base: Slot, mine: Slot, theirs: Slot) => Slot;

/**
 * Adds up both changes: for counters and quantities. An absent value counts as 0.
 *
 * @example { merge: { pageViews: sum } }
 */
export const sum: MergeRule = (base, mine, theirs) => {
  const [b, m, t] = [base ?? 0, mine ?? 0, theirs ?? 0];
  return typeof b === "number" && typeof m === "number" && typeof t === "number" ? t + (m - b) : mine;
};

/**
 * The larger of two numbers, or the later of two strings (such as ISO dates): for "last seen".
 *
 * @example { merge: { lastSeen: max } }
 */
export const max: MergeRule = (_base, mine, theirs) => (exceeds(theirs, mine) ? theirs : mine);

/**
 * The smaller of two numbers, or the earlier of two strings.
 *
 * @example { merge: { firstSeen: min } }
 */
export const min: MergeRule = (_base, mine, theirs) => (exceeds(mine, theirs) ? theirs : mine);

/**
 * For lists: what this request added comes after what is stored.
 *
 * @example { merge: { messages: append } }
 */
export const append: MergeRule = (base, mine, theirs) => {
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return mine;
  const before = Array.isArray(base) ? base : [];
  if (startsWith(mine, before)) return [...theirs, ...mine.slice(before.length)];
  if (startsWith(theirs, before)) return [...mine, ...theirs.slice(before.length)];
  return mine;
};

/**
 * For lists that are sets: what either request added is in, what either removed is out.
 *
 * @example { merge: { favorites: union } }
 */
export const union: MergeRule = (base, mine, theirs) => {
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return mine;
  const [own, stored] = [itemsOf(mine), itemsOf(theirs)];
  const result = new Map([...stored, ...own]); // each at the place of its first occurrence
  for (const mark of itemsOf(Array.isArray(base) ? base : []).keys()) {
    if (!own.has(mark) || !stored.has(mark)) result.delete(mark);
  }
  return [...result.values()];
};

/**
 * The value of this request, the later writer, wins: as without a rule, but for the whole path.
 *
 * @example { merge: { draft: mine } }
 */
export const mine: MergeRule = (_base, own) => own;

/**
 * The stored value, of the first writer, wins.
 *
 * @example { merge: { orderNumber: theirs } }
 */
export const theirs: MergeRule = (_base, _mine, stored) => stored;

const namedRules = { sum, max, min, append, union, mine, theirs } as const;

/** The named rules do not modify their arguments. */
export function isNamedRule(rule: MergeRule): boolean {
  return ownRules.has(rule);
}

const ownRules = new Set<MergeRule>(Object.values(namedRules));

/** Rules by path: `{ pageViews: sum, "cart.*.quantity": sum }`. `*` matches any single key, `\.` is a dot in a key. */
export type MergeRules = Record<string, MergeRule | keyof typeof namedRules>;

/** False for values that cannot be compared, so that the rule falls back to `mine`. */
function exceeds(a: Slot, b: Slot): boolean {
  if (typeof a === "number" && typeof b === "number") return a > b;
  return typeof a === "string" && typeof b === "string" && a > b;
}

function startsWith(list: Json[], prefix: Json[]): boolean {
  return prefix.every((item, index) => same(item, list[index]));
}

/** The items by a mark that equal items share; the first of equal ones is kept. */
function itemsOf(list: Json[]): Map<unknown, Json> {
  const items = new Map<unknown, Json>();
  for (const item of list) {
    const mark = typeof item === "object" && item !== null ? `{}${JSON.stringify(item, inOrder)}` : markOf(item);
    if (!items.has(mark)) items.set(mark, item);
  }
  return items;
}

/** A string must not have the mark of an object. */
function markOf(item: string | number | boolean | null): unknown {
  return typeof item === "string" ? `""${item}` : item;
}

/** Objects are equal regardless of the order of their keys. */
function inOrder(_key: string, value: Json): Json {
  if (!isObject(value)) return value;
  const ordered: JsonObject = {};
  for (const key of Object.keys(value).sort()) setSlot(ordered, key, value[key]!);
  return ordered;
}

/** Rules as a tree of paths, walked along with the values. */
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
      throw setupInvalid(
        `The merge rule for "${path}" is not known. Use ${Object.keys(namedRules).join(", ")} or a function (base, ` +
          "mine, theirs) => value.",
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

/** Splits at dots without a backslash before them. The backslashes stay, to distinguish `\*` from `*`. */
function splitPath(path: string): string[] {
  return path.match(/(?:\\.|[^.\\])+/g) ?? [];
}

/** The nodes below `nodes` that apply to `key`, named ones before wildcards. */
export function descend(nodes: readonly RuleNode[], key: string): RuleNode[] {
  const below: RuleNode[] = [];
  for (const node of nodes) {
    const named = node.children.get(key);
    if (named) below.push(named);
    if (node.any) below.push(node.any);
  }
  return below;
}
