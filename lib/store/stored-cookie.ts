/** Whether a cookie that was read from Redis can be one: whatever lies there must not break the answer. Pure. */
import type { JsonObject } from "./json.js";

const isAbsent = (value: unknown) => value === undefined || value === null;
const isText = (value: unknown) => isAbsent(value) || typeof value === "string";
const isFlag = (value: unknown) => isAbsent(value) || typeof value === "boolean";

const rules: Record<string, (value: unknown) => boolean> = {
  originalMaxAge: (value) => isAbsent(value) || Number.isFinite(value),
  expires: (value) => isAbsent(value) || (typeof value === "string" && !Number.isNaN(Date.parse(value))),
  domain: isText,
  path: isText,
  httpOnly: isFlag,
  partitioned: isFlag,
  secure: (value) => isFlag(value) || value === "auto",
  sameSite: (value) => isFlag(value) || ["lax", "strict", "none"].includes(String(value).toLowerCase()),
  priority: (value) => isAbsent(value) || ["low", "medium", "high"].includes(String(value).toLowerCase()),
};

/** What express-session's `Cookie` has of its own; a stored key of that name would take its place. */
const ofTheClass = ["maxAge", "data", "serialize", "toJSON", "_expires"];

export function isUsableCookie(cookie: JsonObject): boolean {
  for (const name in rules) if (!rules[name]!(cookie[name])) return false;
  return !ofTheClass.some((name) => Object.hasOwn(cookie, name));
}
