/**
 * Three-way merge: applies what this request changed (`mine` against `base`) to what is stored (`theirs`). Pure.
 *
 * As in version control (diff3), but on JSON trees instead of lines: plain objects are merged key by key at every
 * depth; anything else is a single value. If only one side changed a path, its value is taken. If both did, the merge
 * rule decides, or else the later writer wins, which is the one that merges: `mine`.
 */
import { codes, HoldfastError } from "../../errors/index.js";
import { sameSettings } from "../cookie/cookie-settings.js";
import { isObject, same, setSlot, slotOf, type JsonObject, type Slot } from "../text/json.js";
import { descend, isNamedRule, type MergeRule, type RuleNode } from "./merge-rules.js";
import { copyOf } from "../text/pristine.js";

const noRules: readonly RuleNode[] = [];

/** Keys reserved by express-session's `Session`. It drops them on load, which is not a change by this request. */
export type IsReserved = (key: string) => boolean;

export function mergeSessions(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  rules: RuleNode,
  isReserved: IsReserved = () => false,
): JsonObject {
  const keepsTheirs = (key: string) => key === "cookie" || (isReserved(key) && !Object.hasOwn(mine, key));
  const { value } = mergeObjects(base, mine, theirs, [rules], keepsTheirs);
  const cookie = mergeCookies(slotOf(base, "cookie"), slotOf(mine, "cookie"), slotOf(theirs, "cookie"));
  return cookie === undefined ? value : { ...value, cookie };
}

/** Merges one path; `rules` are those that apply to it. */
export function mergeSlots(base: Slot, mine: Slot, theirs: Slot, rules: readonly RuleNode[]): Slot {
  return merge(base, mine, theirs, rules).value;
}

interface Merged<T extends Slot = Slot> {
  readonly value: T;
  /** Whether this side has what `base` has. */
  readonly isMine: boolean;
  readonly isTheirs: boolean;
}

/** Objects are compared while they are merged, so each value is visited once, at any depth. */
function merge(base: Slot, mine: Slot, theirs: Slot, rules: readonly RuleNode[]): Merged {
  const rule = rules.find((node) => node.rule)?.rule;
  if (!rule && isObject(mine) && isObject(theirs)) {
    if (isObject(base)) return mergeObjects(base, mine, theirs, rules);
    return { ...mergeObjects({}, mine, theirs, rules), isMine: false, isTheirs: false };
  }
  const isMine = same(mine, base);
  const isTheirs = same(theirs, base);
  if (isMine || isTheirs) return { value: isMine ? theirs : mine, isMine, isTheirs };
  return { value: rule ? applyRule(rule, base, mine, theirs) : mine, isMine, isTheirs };
}

function mergeObjects(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  rules: readonly RuleNode[],
  keepsTheirs?: IsReserved,
): Merged<JsonObject> {
  const value: JsonObject = {};
  const keys = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  // A key that only the base has was removed by both.
  let isMine = Object.keys(base).every((key) => keys.has(key));
  let isTheirs = isMine;
  for (const key of keys) {
    const stored = slotOf(theirs, key);
    const below = rules.length > 0 ? descend(rules, key) : noRules;
    const merged = keepsTheirs?.(key)
      ? { value: stored, isMine: true, isTheirs: false }
      : merge(slotOf(base, key), slotOf(mine, key), stored, below);
    isMine &&= merged.isMine;
    isTheirs &&= merged.isTheirs;
    if (merged.value !== undefined) setSlot(value, key, merged.value);
  }
  return { value, isMine, isTheirs };
}

/**
 * The cookie's `expires` moves with every request, so a difference there means nothing. `mine` wins, with the new
 * expiry, unless only the other request changed the cookie's settings ("remember me").
 */
function mergeCookies(base: Slot, mine: Slot, theirs: Slot): Slot {
  return sameSettings(mine, base) && !sameSettings(theirs, base) ? theirs : mine;
}

/** A rule of the app gets copies, so that it cannot modify the values that a retry starts with. */
function applyRule(rule: MergeRule, base: Slot, mine: Slot, theirs: Slot): Slot {
  const given = (slot: Slot) => (isNamedRule(rule) || slot === undefined ? slot : copyOf(slot));
  try {
    return rule(given(base), given(mine), given(theirs));
  } catch (cause) {
    throw new HoldfastError(
      codes.MERGE_RULE_FAILED,
      "A merge rule of this app threw an error, so the session was not saved. See `cause`, and fix the rule.",
      { cause },
    );
  }
}
