/**
 * Copies JSON values, and checks whether a copy is still unchanged. Both are much cheaper than parsing and serializing,
 * which requests that change nothing do not need. Pure.
 */
import type { Json, JsonObject } from "./json.js";

export function copyOf(value: Json): Json {
  return isScalar(value) ? value : copyOfParts(value);
}

function copyOfParts(whole: Json[] | JsonObject): Json[] | JsonObject {
  if (Array.isArray(whole)) {
    const copy = whole.slice();
    for (let i = 0; i < copy.length; i++) {
      const part = copy[i]!;
      if (!isScalar(part)) copy[i] = copyOfParts(part);
    }
    return copy;
  }
  // Copies all own properties, even one named `__proto__`, which can then be assigned like any other.
  const copy = { ...whole };
  for (const key in copy) {
    const part = copy[key]!;
    if (!isScalar(part)) copy[key] = copyOfParts(part);
  }
  return copy;
}

function isScalar(value: Json): value is string | number | boolean | null {
  return typeof value !== "object" || value === null;
}

/** Whether `value` has the same JSON text as `pristine`. Also false if only serializing it could tell. */
export function isUnchanged(value: unknown, pristine: Json): boolean {
  if (value === pristine) return true;
  if (typeof value !== "object" || value === null || isScalar(pristine) || hasToJson(value)) return false;
  if (Array.isArray(pristine)) {
    if (!Array.isArray(value) || value.length !== pristine.length) return false;
    for (let i = 0; i < pristine.length; i++) if (!isUnchanged(value[i], pristine[i]!)) return false;
    return true;
  }
  return Object.getPrototypeOf(value) === Object.prototype && hasSameKeys(value, pristine);
}

/** Whether JSON might take something else in place of it. Faster than `in`. */
function hasToJson(value: object & { toJSON?: unknown }): boolean {
  return value.toJSON !== undefined;
}

/** The same for a session or any object, key by key and in order; the value of the key `apart` does not count. */
export function hasSameKeys(value: object, pristine: JsonObject, apart?: string): boolean {
  const keys = Object.keys(value);
  let next = 0;
  // Without a second list. An inherited key, which some code has put on all objects, makes them differ.
  for (const key in pristine) {
    if (key !== keys[next++]) return false;
    // The cast only allows reading by key, which is what makes this cheap.
    if (key !== apart && !isUnchanged((value as JsonObject)[key], pristine[key]!)) return false;
  }
  return next === keys.length;
}
