/** How express-session stores that keep files report that there is no such session. */
import { propertyOf } from "./property-of.js";

export function isMissingFile(error: unknown): boolean {
  return propertyOf(error, "code") === "ENOENT";
}
