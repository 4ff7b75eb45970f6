/** The name of a session in messages: a short hash, never the id. */
import { createHash } from "node:crypto";

/** The 64 hexadecimal digits of the id's SHA-256. An id is random, so nobody finds it from this. */
export function sessionDigest(sid: string): string {
  return createHash("sha256").update(sid).digest("hex");
}

/** The first eight of them: enough to tell sessions apart, useless to an attacker. */
export function sessionLabel(sid: string): string {
  return sessionDigest(sid).slice(0, 8);
}
