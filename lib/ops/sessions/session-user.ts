/** Whose session it is. Pure. */
import { readLogin } from "../../auth/logins/login-record.js";
import { isObject } from "../../options/index.js";
import type { JsonObject } from "../../session/index.js";

export interface SessionUser {
  readonly user: string;
  /** The name that `holdfast/auth` keeps beside the id. */
  readonly username?: string | undefined;
}

/**
 * From the login of `holdfast/auth`, or from what passport stored; or only from the app's own key.
 *
 * @param path such as `["account", "id"]`
 */
export function userIn(values: JsonObject, path: readonly string[] | undefined): SessionUser | undefined {
  if (path) return idAt(values, path);
  const login = readLogin(values);
  if (login) return { user: login.user.id, username: textOf(login.user.username) };
  return idAt(values, ["passport", "user"]) ?? idAt(values, ["passport", "user", "id"]);
}

function idAt(values: JsonObject, path: readonly string[]): SessionUser | undefined {
  let at: unknown = values;
  for (const key of path) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  const user = textOf(at);
  return user === undefined ? undefined : { user };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}
