/** Whether a change only removes something, so that nothing is lost if the session itself is gone. Pure. */
import { isObject, same, type Json } from "./text/json.js";
import type { Body } from "./stored.js";
import { bodyOfTail } from "./text/session-text.js";

export function takesOnlyAway(before: Body, after: Body): boolean {
  return isWithin(valueOf(after), valueOf(before));
}

function valueOf(body: Body): Json {
  if (typeof body === "string") return JSON.parse(bodyOfTail(body));
  const values: Record<string, Json> = Object.create(null);
  for (const key of Object.keys(body)) if (key !== "cookie") values[key] = JSON.parse(body[key]!);
  return values;
}

function isWithin(part: Json, whole: Json): boolean {
  if (!isObject(part) || !isObject(whole)) return same(part, whole);
  return Object.keys(part).every((key) => Object.hasOwn(whole, key) && isWithin(part[key]!, whole[key]!));
}
