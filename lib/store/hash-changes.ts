/** What a save of the layout `hash` sends: the fields that changed, each with what has to be there for that. Pure. */
import type { Slot } from "./json.js";
import type { Fields } from "./layout.js";
import { mergeSlots } from "./merge.js";
import { descend, max, min, sum, type RuleNode } from "./merge-rules.js";
import { isReservedKey } from "./reserved-keys.js";

export interface FieldChange {
  /**
   * `set`: writes `value` (removes the field without one) if `expected` is there.
   * `sum`: adds `value` to what is there, whatever it is.
   * `max`, `min`: writes `value` if `expected` is there, else the larger (smaller) of `value` and what is there.
   */
  readonly kind: "set" | "sum" | "max" | "min";
  readonly field: string;
  readonly expected: string | undefined;
  readonly value: string | undefined;
}

/**
 * The changes of `mine` against `base`, to be made to `stored`. Where another request changed the same field, it is
 * merged by the rules; counters are left to Redis, which needs no second try for them.
 */
export function planChanges(
  base: Fields,
  mine: Fields,
  stored: Fields,
  { rules, hasNewCookie }: { rules: RuleNode; hasNewCookie: boolean },
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of new Set([...Object.keys(base), ...Object.keys(mine)])) {
    if (base[field] === mine[field] || field === "cookie") continue;
    const change = changeOf(field, base, mine, stored, rules);
    if (change) changes.push(change);
  }
  // The cookie's expiry moves with every request; it is written only with new settings, as by "remember me".
  if (hasNewCookie) {
    changes.push({ kind: "set", field: "cookie", expected: stored["cookie"], value: mine["cookie"] });
  }
  return changes;
}

function changeOf(field: string, base: Fields, mine: Fields, stored: Fields, rules: RuleNode): FieldChange | undefined {
  const [before, own, theirs] = [base[field], mine[field], stored[field]];
  if (own === undefined && isReservedKey(field)) return undefined; // express-session dropped it on load
  const below = descend([rules], field);
  const counted = countedChange(field, before, own, theirs, below);
  if (counted) return counted;
  const value = theirs === before ? own : textOf(mergeSlots(parse(before), parse(own), parse(theirs), below));
  return value === theirs ? undefined : { kind: "set", field, expected: theirs, value };
}

const integer = /^-?\d{1,15}$/;
const number = /^-?\d+(\.\d+)?$/;

/** A change that Redis can merge by itself: `sum` of integers, `max` and `min` of numbers. */
function countedChange(
  field: string,
  before: string | undefined,
  own: string | undefined,
  theirs: string | undefined,
  rules: readonly RuleNode[],
): FieldChange | undefined {
  const rule = rules.find((node) => node.rule)?.rule;
  const fits = (pattern: RegExp, text: string | undefined) => text === undefined || pattern.test(text);
  if (own === undefined) return undefined;
  if (rule === sum && [before, own, theirs].every((text) => fits(integer, text))) {
    const delta = Number(own) - Number(before ?? 0);
    return { kind: "sum", field, expected: undefined, value: String(delta) };
  }
  if ((rule === max || rule === min) && [before, own, theirs].every((text) => fits(number, text))) {
    return { kind: rule === max ? "max" : "min", field, expected: before, value: own };
  }
  return undefined;
}

function parse(text: string | undefined): Slot {
  return text === undefined ? undefined : (JSON.parse(text) as Slot);
}

function textOf(value: Slot): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
