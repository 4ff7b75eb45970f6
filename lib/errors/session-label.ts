/** The name of a session in messages: a short hash, never the id. */
import { createHash } from "node:crypto";

/** Eight hexadecimal characters of the id's SHA-256: enough to tell sessions apart, useless to an attacker. */
export function sessionLabel(sid: string): string {
  return createHash("sha256").update(sid).digest("hex").slice(0, 8);
}
