/** A handle is remembered in the object itself, where nobody else sees it. */
import { inspect, isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { handleField } from "../../lib/express-session/handle-field.js";

const objects: [string, () => object][] = [
  ["an object", () => ({ a: 1 })],
  ["a frozen object", () => Object.freeze({ a: 1 })],
  ["an object without a prototype", () => Object.assign(Object.create(null), { a: 1 })],
  ["a proxy", () => new Proxy({ a: 1 }, {})],
];

test.each(objects)("%s has the handle that it was given last, for each store its own", (_, make) => {
  const [ours, theirs, object] = [handleField<string>(), handleField<string>(), make()];
  expect(ours.get(object)).toBeUndefined();
  ours.set(object, "first");
  ours.set(object, "second");
  expect(ours.get(object)).toBe("second");
  expect(theirs.get(object)).toBeUndefined();
  theirs.set(object, "other");
  expect([ours.get(object), theirs.get(object)]).toEqual(["second", "other"]);
});

test.each(objects)("%s shows nothing of it, and a copy does not have it", (_, make) => {
  const [handles, object] = [handleField<string>(), make()];
  handles.set(object, "secret");
  expect(Reflect.ownKeys(object)).toEqual(["a"]);
  expect(inspect(object, { showHidden: true })).not.toContain("secret");
  expect(isDeepStrictEqual(object, make())).toBe(true);
  for (const copy of [{ ...object }, structuredClone({ ...object }), Object.create(object) as object])
    expect(handles.get(copy)).toBeUndefined();
});
