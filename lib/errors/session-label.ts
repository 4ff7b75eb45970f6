/** The name of a session in messages: a short hash, never the id. */
import { createHash } from "node:crypto";

/** What the key of a session has in place of the id with the option `hashIds`: its hash, and the tag of a cluster's slot. */
const hashedName = /^~[\da-f]{64}(?:\{[\da-z]+\})?$/;

/** Whether this stands for a session whose id is not known. */
export function isHashedName(idOrName: string): boolean {
  return idOrName.charCodeAt(0) === 0x7e /* ~ */ && hashedName.test(idOrName);
}

/** The SHA-256 of a text: 64 hexadecimal digits. */
export function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** That of a session's id; also if only its hash is known. An id is random, so nobody finds it from this. */
export function sessionDigest(idOrName: string): string {
  return isHashedName(idOrName) ? idOrName.slice(1, 65) : sha256Of(idOrName);
}

/** The first eight of the digits: enough to tell sessions apart, useless to an attacker. */
export function sessionLabel(idOrName: string): string {
  return sessionDigest(idOrName).slice(0, 8);
}
