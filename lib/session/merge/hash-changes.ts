/** What a save with the layout `hash` sends: the changed fields, each with the value expected in Redis. Pure. */
import type { Slot } from "../text/json.js";
import type { Fields } from "../stored.js";
import { mergeSlots, type IsReserved } from "./merge.js";
import { descend, max, min, sum, type RuleNode } from "./merge-rules.js";

export interface FieldChange {
  /**
   * `set`: writes `value` (or removes the field if there is none), provided that the stored value is `expected`.
   * `sum`: adds `value` to any stored value.
   * `max`, `min`: writes `value` if the stored value is `expected`, else the larger (smaller) of the two.
   */
  readonly kind: "set" | "sum" | "max" | "min";
  readonly field: string;
  readonly expected: string | undefined;
  readonly value: string | undefined;
}

/** The changes of several saves, applied one after the other to the stored fields. */
export class FieldChanges {
  readonly #stored: Fields;
  readonly #rules: RuleNode;
  /** The resulting fields, as far as this process knows: sums may change further in Redis. */
  readonly #fields: Fields;
  readonly #changes = new Map<string, FieldChange>();

  constructor(stored: Fields, rules: RuleNode) {
    this.#stored = stored;
    this.#rules = rules;
    this.#fields = Object.assign(Object.create(null), stored);
  }

  get list(): FieldChange[] {
    return [...this.#changes.values()];
  }

  get fields(): Fields {
    return this.#fields;
  }

  /**
   * Adds the changes from `base` to `mine`. If another request changed the same field, the rules merge it; counters are
   * left to Redis, which needs no retry for them.
   *
   * @param isReserved whether a field that `mine` lacks does not count as removed
   * @throws what a merge rule throws; then nothing is added
   */
  add(
    base: Fields,
    mine: Fields,
    { hasNewCookie, isReserved }: { hasNewCookie: boolean; isReserved: IsReserved },
  ): void {
    const added: FieldChange[] = [];
    for (const field of new Set([...Object.keys(base), ...Object.keys(mine)])) {
      if (base[field] === mine[field] || field === "cookie") continue;
      if (mine[field] === undefined && isReserved(field)) continue;
      const change = changeOf(field, base[field], mine[field], this.#fields[field], this.#rules);
      if (change) added.push(change);
    }
    // The cookie's expiry moves with every request, so it is written only with new settings ("remember me").
    if (hasNewCookie) {
      added.push({ kind: "set", field: "cookie", expected: this.#fields["cookie"], value: mine["cookie"] });
    }
    for (const change of added) this.#apply(change);
  }

  #apply(change: FieldChange): void {
    const { field } = change;
    const now = this.#fields[field];
    const value = resultOf(change, now);
    if (value === undefined) delete this.#fields[field];
    else this.#fields[field] = value;
    const before = this.#changes.get(field);
    this.#changes.set(field, before ? this.#joined(before, change, value) : change);
  }

  /** Two changes of one field as one. */
  #joined(first: FieldChange, second: FieldChange, value: string | undefined): FieldChange {
    const areSums = first.kind === "sum" && second.kind === "sum";
    if (areSums) return { ...first, value: String(Number(first.value) + Number(second.value)) };
    return { kind: "set", field: first.field, expected: this.#stored[first.field], value };
  }
}

/** What the script turns `now` into. */
function resultOf({ kind, expected, value }: FieldChange, now: string | undefined): string | undefined {
  if (kind === "sum") return String(Number(now ?? 0) + Number(value));
  if (kind === "set" || now === expected || now === undefined) return value;
  const isTheirs = kind === "max" ? Number(now) > Number(value) : Number(now) < Number(value);
  return isTheirs ? now : value;
}

function changeOf(
  field: string,
  before: string | undefined,
  own: string | undefined,
  theirs: string | undefined,
  rules: RuleNode,
): FieldChange | undefined {
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
  return text === undefined ? undefined : JSON.parse(text);
}

function textOf(value: Slot): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
