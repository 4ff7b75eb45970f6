/** The three-way merge on generated sessions: what it promises for all of them. */
import { deepStrictEqual } from "node:assert/strict"; // vitest's toStrictEqual stumbles over a key named "constructor"
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, Slot } from "../../lib/session/text/json.js";
import { mergeSessions } from "../../lib/session/merge/merge.js";
import { compileRules, type MergeRules } from "../../lib/session/merge/merge-rules.js";

const merge = (base: JsonObject, mine: JsonObject, theirs: JsonObject, rules: MergeRules = {}) =>
  mergeSessions(base, mine, theirs, compileRules(rules));

/** Keys that have caused trouble elsewhere among ordinary ones. */
const key = fc.oneof(
  fc.constantFrom("a", "b", "cart", "__proto__", "constructor", "toString", "", "x.y", "*", "ключ", "💡"),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const leaf = fc.oneof(
  fc.constantFrom<Slot & (string | number | boolean | null | [])>(null, [], "", 0, true, "2026-11-22T00:00:00.000Z"),
  fc.integer(),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const { tree } = fc.letrec<{ tree: JsonObject; node: unknown }>((tie) => ({
  tree: fc.dictionary(key, tie("node"), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  node: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, tie("tree")),
}));

/** As it would come out of Redis: own `__proto__` keys included. */
const session = tree.map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

type Change = { path: string[]; value: Slot };
const change: fc.Arbitrary<Change> = fc.record({
  path: fc.array(key, { minLength: 1, maxLength: 3 }),
  value: fc.oneof(leaf, fc.constant(undefined)),
});

/** Writes one path, making the objects on the way. */
function apply(object: JsonObject, { path, value }: Change): JsonObject {
  const copy = JSON.parse(JSON.stringify(object)) as JsonObject;
  let at = copy;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(at, part) ? at[part] : undefined;
    const child = typeof next === "object" && next !== null && !Array.isArray(next) ? next : {};
    define(at, part, child);
    at = child;
  }
  const last = path.at(-1)!;
  if (value === undefined) delete at[last];
  else define(at, last, value);
  return copy;
}

function define(object: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}

function read(object: JsonObject, path: string[]): Slot {
  let at: Slot = object;
  for (const part of path) {
    at = typeof at === "object" && at !== null && !Array.isArray(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}

const overlaps = (a: string[], b: string[]) => a.every((part, i) => i >= b.length || part === b[i]);

/** Objects on the way that one side had to make (or replace) are a change of that path as well. */
const touchesScalar = (base: JsonObject, path: string[]) =>
  path.slice(0, -1).some((_, i) => {
    const value = read(base, path.slice(0, i + 1));
    return value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value));
  });

describe("merging generated sessions", () => {
  test("no change of either side is lost when their paths differ", () => {
    fc.assert(
      fc.property(session, change, change, (base, one, two) => {
        fc.pre(!overlaps(one.path, two.path) && !touchesScalar(base, one.path) && !touchesScalar(base, two.path));
        const merged = merge(base, apply(base, one), apply(base, two));
        deepStrictEqual(read(merged, one.path), one.value);
        deepStrictEqual(read(merged, two.path), two.value);
      }),
      { numRuns: 2000 },
    );
  });

  test("many changes of each side merge to the same, whichever request comes first", () => {
    const changes = fc.array(change, { maxLength: 4 });
    fc.assert(
      fc.property(session, changes, changes, (base, ones, twos) => {
        fc.pre(ones.every((a) => twos.every((b) => !overlaps(a.path, b.path))));
        fc.pre([...ones, ...twos].every(({ path }) => !touchesScalar(base, path)));
        const mine = ones.reduce(apply, base);
        const theirs = twos.reduce(apply, base);
        deepStrictEqual(merge(base, mine, theirs), merge(base, theirs, mine));
      }),
      { numRuns: 2000 },
    );
  });

  test("a side that changed nothing adds nothing", () => {
    fc.assert(
      fc.property(session, session, (base, changed) => {
        deepStrictEqual(merge(base, base, changed), changed);
        deepStrictEqual(merge(base, changed, base), changed);
      }),
    );
  });

  test("what both wrote to one path is the later writer's", () => {
    fc.assert(
      fc.property(session, fc.array(key, { minLength: 1, maxLength: 3 }), leaf, leaf, (base, path, mine, theirs) => {
        fc.pre(!touchesScalar(base, path));
        const merged = merge(base, apply(base, { path, value: mine }), apply(base, { path, value: theirs }));
        const mineIsNoChange = JSON.stringify(read(base, path)) === JSON.stringify(mine);
        deepStrictEqual(read(merged, path), mineIsNoChange ? theirs : mine);
      }),
    );
  });

  test("sums of any number of requests add up in any order", () => {
    fc.assert(
      fc.property(fc.integer({ max: 1e6 }), fc.array(fc.integer({ min: -1000, max: 1000 })), (start, steps) => {
        const base = { views: start };
        const stored = steps.reduce<JsonObject>(
          (theirs, step) => merge(base, { views: start + step }, theirs, { views: "sum" }),
          base,
        );
        expect(stored).toEqual({ views: start + steps.reduce((a, b) => a + b, 0) });
      }),
    );
  });

  test("nothing reaches Object.prototype", () => {
    const evil = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ) as JsonObject;
    const merged = merge({}, evil, { other: 1 });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(JSON.stringify(merged)).toContain('"__proto__":{"polluted":true}');
    expect(merged["other"]).toBe(1);
  });
});

describe("the session's cookie", () => {
  const cookie = (maxAge: number | null, expires: string) => ({
    cookie: { originalMaxAge: maxAge, expires, path: "/" },
  });

  test("the expiry that every request moves is taken from the one that saves", () => {
    expect(merge(cookie(1e4, "1"), cookie(1e4, "2"), cookie(1e4, "3"))).toEqual(cookie(1e4, "2"));
  });

  test("another request's new lifetime is kept", () => {
    expect(merge(cookie(1e4, "1"), cookie(1e4, "2"), cookie(9e9, "9"))).toEqual(cookie(9e9, "9"));
  });

  test("of this request is kept when both gave it new settings, and when there is no other", () => {
    expect(merge(cookie(1e4, "1"), cookie(5e5, "5"), cookie(9e9, "9"))).toEqual(cookie(5e5, "5"));
    expect(merge({}, cookie(1e4, "2"), {})).toEqual(cookie(1e4, "2"));
    expect(merge({}, { a: 1 }, { b: 1 })).toEqual({ a: 1, b: 1 });
  });

  test("is taken whole: settings of the two are never mixed, and no rule is asked", () => {
    const base = { cookie: { originalMaxAge: 1e4, path: "/", expires: "1" } };
    const mine = { cookie: { originalMaxAge: 1e4, path: "/", expires: "2", priority: "low" } };
    const theirs = { cookie: { originalMaxAge: 9e9, path: "/", expires: "9" } };
    const rules: MergeRules = {
      cookie: () => {
        throw new Error("asked");
      },
    };
    expect(merge(base, mine, theirs, rules)).toEqual(mine);
  });
});

describe("keys that express-session drops on load", () => {
  const reserved = (key: string) => key === "save";
  const merged = (base: JsonObject, mine: JsonObject, theirs: JsonObject) =>
    mergeSessions(base, mine, theirs, compileRules(), reserved);

  test("stay as they are stored when they are missing, and are no reason to keep others", () => {
    expect(merged({ save: 1, a: 1 }, {}, { save: 1, a: 1 })).toEqual({ save: 1 });
    expect(merged({ save: 1, a: 1 }, {}, { save: 2, a: 1 })).toEqual({ save: 2 });
    expect(merged({ save: 1 }, {}, {})).toEqual({});
  });

  test("are merged like any other when they are there", () => {
    expect(merged({ save: 1 }, { save: 2 }, { save: 1 })).toEqual({ save: 2 });
    expect(merged({ save: 1 }, { save: 1 }, { save: 3 })).toEqual({ save: 3 });
  });
});

test("a key that both removed is gone, whatever else is left", () => {
  expect(merge({ a: 1, b: 1, c: { d: 1, e: 1 } }, { b: 1, c: { e: 1 } }, { b: 1, c: { e: 1 } })).toEqual({
    b: 1,
    c: { e: 1 },
  });
});
