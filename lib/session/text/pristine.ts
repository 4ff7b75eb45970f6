/**
 * Copies JSON values, and checks whether a copy is still unchanged. Both are much cheaper than parsing and serializing,
 * which requests that change nothing do not need. Pure.
 */
import type { Json, JsonObject } from "./json.js";

export function copyOf(value: Json): Json {
  if (isScalar(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  // Copies all own properties, even one named `__proto__`, which can then be assigned like any other.
  const copy = { ...value };
  for (const key of Object.keys(copy)) {
    const part = copy[key]!;
    if (!isScalar(part)) copy[key] = copyOf(part);
  }
  return copy;
}

function isScalar(value: Json): value is string | number | boolean | null {
  return typeof value !== "object" || value === null;
}

/** Whether `value` has the same JSON text as `pristine`. Also false if only serializing it could tell. */
export function isUnchanged(value: unknown, pristine: Json): boolean {
  if (value === pristine) return true;
  if (typeof value !== "object" || value === null || isScalar(pristine) || "toJSON" in value) return false;
  if (Array.isArray(pristine)) {
    if (!Array.isArray(value) || value.length !== pristine.length) return false;
    for (let i = 0; i < pristine.length; i++) if (!isUnchanged(value[i], pristine[i]!)) return false;
    return true;
  }
  return Object.getPrototypeOf(value) === Object.prototype && hasSameKeys(value, pristine);
}

/** The same for a session or any object, key by key and in order; the value of the key `apart` does not count. */
export function hasSameKeys(value: object, pristine: JsonObject, apart?: string): boolean {
  const [keys, expected] = [Object.keys(value), Object.keys(pristine)];
  if (keys.length !== expected.length) return false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (key !== expected[i]) return false;
    // The cast only allows reading by key, which is what makes this cheap.
    if (key !== apart && !isUnchanged((value as JsonObject)[key], pristine[key]!)) return false;
  }
  return true;
}
