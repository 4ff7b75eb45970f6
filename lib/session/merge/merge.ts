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
  const value = mergeObjects(base, mine, theirs, [rules], keepsTheirs);
  const cookie = mergeCookies(slotOf(base, "cookie"), slotOf(mine, "cookie"), slotOf(theirs, "cookie"));
  return cookie === undefined ? value : { ...value, cookie };
}

/** Merges one path; `rules` are those that apply to it. */
export function mergeSlots(base: Slot, mine: Slot, theirs: Slot, rules: readonly RuleNode[]): Slot {
  const rule = rules.find((node) => node.rule)?.rule;
  if (!rule && isObject(mine) && isObject(theirs)) return mergeObjects(isObject(base) ? base : {}, mine, theirs, rules);
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || !rule) return mine;
  return applyRule(rule, base, mine, theirs);
}

function mergeObjects(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  rules: readonly RuleNode[],
  keepsTheirs?: IsReserved,
): JsonObject {
  const merged: JsonObject = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const stored = slotOf(theirs, key);
    const value = keepsTheirs?.(key)
      ? stored
      : mergeSlots(slotOf(base, key), slotOf(mine, key), stored, rules.length > 0 ? descend(rules, key) : noRules);
    if (value !== undefined) setSlot(merged, key, value);
  }
  return merged;
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
