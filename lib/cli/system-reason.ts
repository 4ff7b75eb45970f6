/** What the system says of a file or a stream that cannot be used, in words. Pure. */
import { getSystemErrorMap } from "node:util";
import { propertyOf } from "../errors/index.js";

/** `no such file or directory`, `permission denied`, `no space left on device` */
export function systemReason(error: unknown): string {
  const [, words] = getSystemErrorMap().get(Number(propertyOf(error, "errno"))) ?? [];
  return words ?? (error instanceof Error ? error.message : String(error));
}
