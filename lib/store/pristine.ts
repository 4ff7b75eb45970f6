/**
 * Copies of JSON values, and whether a value still is what it was copied from. Both are much cheaper than parsing and
 * making text: a request that changes nothing needs neither. Pure.
 */
import type { Json, JsonObject } from "./json.js";

export function copyOf(value: Json): Json {
  if (isScalar(value)) return value;
  // Both take over own properties, one named `__proto__` included; it can be assigned to then as any other.
  const copy = (Array.isArray(value) ? value.slice() : { ...value }) as JsonObject;
  for (const key of Object.keys(copy)) {
    const part = copy[key]!;
    if (!isScalar(part)) copy[key] = copyOf(part);
  }
  return copy;
}

function isScalar(value: Json): value is string | number | boolean | null {
  return typeof value !== "object" || value === null;
}

/** Whether `value` has the JSON text that `pristine` has. False also where only making the text could tell. */
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

/** The same for a session, or any object, key by key and in their order; what the key `apart` holds does not count. */
export function hasSameKeys(value: object, pristine: JsonObject, apart?: string): boolean {
  const [keys, expected] = [Object.keys(value), Object.keys(pristine)];
  if (keys.length !== expected.length) return false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (key !== expected[i]) return false;
    if (key !== apart && !isUnchanged((value as JsonObject)[key], pristine[key]!)) return false;
  }
  return true;
}
