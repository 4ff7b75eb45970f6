/** Passwords: argon2id with OWASP's parameters, which each hash carries with it. */
import { randomBytes } from "node:crypto";
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { legacyCheckOf } from "./legacy-hashes.js";

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. The library's default kind is argon2id. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What a hash of today begins with. */
const today = "$argon2id$v=19$m=19456,t=2,p=1$";

/** KiB times passes: four times what RFC 9106 recommends where there is memory. More than this is rubbish or an attack. */
const mostWork = 8 * 1024 * 1024;

/** How many characters a password may have. The upper end keeps a flood of megabytes from being hashed. */
export const passwordLength = { min: 8, max: 256 } as const;

/**
 * A hash in the PHC form, as `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
 *
 * The password is brought to Unicode's form NFC first, so that an `é` is the same one whether a keyboard sends it as one
 * character or as two (NIST SP 800-63B-4, 3.1.1.2; RFC 8265).
 */
export async function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFC"), parameters);
}

/**
 * Whether `password` is the one that was hashed. A hash that cannot be read fits no password, which takes as long to find
 * out as for a hash of today; so does a password that is longer than `passwordLength.max`.
 *
 * Besides its own hashes it reads argon2 with other parameters, bcrypt, and Django's `pbkdf2_sha256$`, `bcrypt_sha256$`,
 * `bcrypt$` and `argon2$`. Checking one of those takes as long as it took on the site that it comes from;
 * `needsRehash` says when to replace it.
 */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  if (password.length > passwordLength.max) return verifyNothing();
  const checkLegacy = legacyCheckOf(passwordHash);
  try {
    return await (checkLegacy ? checkLegacy(password) : verifyArgon2(passwordHash, password));
  } catch {
    return verifyNothing(password);
  }
}

/**
 * Whether `passwordHash` is anything but argon2id, version 19, with the parameters that `hashPassword` uses today. A login
 * that knows the password then puts a new hash in its place.
 */
export function needsRehash(passwordHash: string): boolean {
  if (!passwordHash.startsWith(today)) return true;
  try {
    parseOptions(passwordHash);
    return false;
  } catch {
    return true;
  }
}

let hashOfNothing: Promise<string> | undefined;

/**
 * Works as long as `verifyPassword` and answers false: what a login does for a user name that nobody has, so that a
 * stranger cannot tell by the clock which names exist.
 *
 * @param password what was entered: one that NFC changes costs two checks, here as there
 */
export async function verifyNothing(password = ""): Promise<false> {
  hashOfNothing ??= hashPassword(randomBytes(24).toString("base64"));
  await verifyArgon2(await hashOfNothing, password.length > passwordLength.max ? "" : password);
  return false;
}

/** Throws when the hash cannot be read, or asks for too much work. */
async function verifyArgon2(passwordHash: string, password: string): Promise<boolean> {
  // Django writes the name of its hasher before the PHC form.
  const phc = passwordHash.startsWith("argon2$") ? passwordHash.slice("argon2".length) : passwordHash;
  const { memoryCost, timeCost } = parseOptions(phc);
  if (memoryCost * timeCost > mostWork) throw new RangeError("This hash takes too long to check.");
  const normal = password.normalize("NFC");
  if (await verify(phc, normal)) return true;
  // Other systems hash a password as it was typed, so that one is tried too where it differs.
  return normal !== password && verify(phc, password);
}
