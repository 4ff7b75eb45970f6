/**
 * Three-way merge: what this request changed (`mine` against `base`) is brought onto what is stored (`theirs`). Pure.
 *
 * The idea is that of version control (diff3), on JSON trees instead of lines: plain objects merge key by key at every
 * depth; anything else is one value. A path that only one side changed takes that side's value. A path that both
 * changed is decided by its merge rule, else by the later writer, which is the one that merges: `mine`.
 */
import { codes, HoldfastError } from "../errors/index.js";
import { sameSettings } from "./cookie-settings.js";
import { isObject, same, setSlot, slotOf, type JsonObject, type Slot } from "./json.js";
import { descend, type RuleNode } from "./merge-rules.js";

const noRules: readonly RuleNode[] = [];

/** Keys that express-session's `Session` keeps for itself; it drops them on load, which is no change by this request. */
export type IsReserved = (key: string) => boolean;

export function mergeSessions(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  rules: RuleNode,
  isReserved: IsReserved = () => false,
): JsonObject {
  const merged = mergeObjects(base, mine, theirs, [rules], (key) => key === "cookie" || isReserved(key));
  const cookie = mergeCookies(slotOf(base, "cookie"), slotOf(mine, "cookie"), slotOf(theirs, "cookie"));
  return cookie === undefined ? merged : { ...merged, cookie };
}

/** One path: `rules` are those that apply to it. */
export function mergeSlots(base: Slot, mine: Slot, theirs: Slot, rules: readonly RuleNode[]): Slot {
  if (same(mine, base)) return theirs;
  if (same(theirs, base)) return mine;
  const rule = rules.find((node) => node.rule)?.rule;
  if (rule) return applyRule(rule, base, mine, theirs);
  if (isObject(mine) && isObject(theirs)) return mergeObjects(isObject(base) ? base : {}, mine, theirs, rules);
  return mine;
}

function mergeObjects(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  rules: readonly RuleNode[],
  keepTheirs?: IsReserved,
): JsonObject {
  const merged: JsonObject = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const stored = slotOf(theirs, key);
    const below = rules.length > 0 ? descend(rules, key) : noRules;
    const value = keepTheirs?.(key) ? stored : mergeSlots(slotOf(base, key), slotOf(mine, key), stored, below);
    if (value !== undefined) setSlot(merged, key, value);
  }
  return merged;
}

/**
 * The cookie's `expires` moves with every request, so a difference there says nothing. Mine stands, with the new expiry,
 * unless only the other request gave the cookie other settings (as "remember me" does).
 */
function mergeCookies(base: Slot, mine: Slot, theirs: Slot): Slot {
  return sameSettings(mine, base) && !sameSettings(theirs, base) ? theirs : mine;
}

function applyRule(rule: NonNullable<RuleNode["rule"]>, base: Slot, mine: Slot, theirs: Slot): Slot {
  try {
    return rule(base, mine, theirs);
  } catch (cause) {
    throw new HoldfastError(
      codes.MERGE_RULE_FAILED,
      "A merge rule of this app threw an error, so the session was not saved. See `cause`, and mend the rule.",
      { cause },
    );
  }
}
