/**
 * Passwords: argon2id with OWASP's parameters, which each hash contains. Hashes of older systems, above all Django's,
 * can also be checked, so that nobody needs a new password when a site switches:
 *
 *     pbkdf2_sha256$600000$salt$base64      Django's default
 *     bcrypt_sha256$$2b$12$...              Django: bcrypt of the password's SHA-256 in hex
 *     bcrypt$$2b$12$...                     Django: bcrypt of the password
 *     argon2$argon2id$v=19$...              Django: argon2
 *     $2a$10$...  $2b$10$...  $2y$10$...    bcrypt of the password, of any system
 *     $argon2id$v=19$m=65536,t=4,p=1$...    argon2 of any system
 *
 * Those hash the password as typed, so it is not normalized for them. bcrypt only uses the first 72 bytes: the rest of
 * a longer password may differ, as on the old site, until a login replaces the hash.
 */
import { passwordHashProblem, today } from "./hash-forms.js";
import { hashingGate } from "./hashing-gate.js";
import { fits, matchesNothing, hashOf } from "./password-work.js";

/**
 * Hashes a password; returns the PHC form, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
 *
 * The password is first normalized to NFC, so that an `é` is the same whether a keyboard sends it as one character or
 * as two (NIST SP 800-63B-4, 3.1.1.2; RFC 8265).
 *
 * At most all but one of Node.js's threads hash at once; further calls wait.
 *
 * @example
 *
 *     await db.query("UPDATE account SET password_hash = $1 WHERE id = $2", [await hashPassword(password), id]);
 */
export function hashPassword(password: string): Promise<string> {
  return hashingGate.run(() => hashOf(password));
}

/**
 * Whether `password` is the one that was hashed. A hash that cannot be read or requires too much work (see
 * `passwordHashProblem`) matches no password, and so does a password longer than `passwordLength.max`; the check takes
 * as long as for a current hash.
 *
 * Besides its own hashes, it reads argon2 with other parameters, bcrypt, and Django's `pbkdf2_sha256$`,
 * `bcrypt_sha256$`, `bcrypt$` and `argon2$`. Checking one of those takes as long as on the original site, plus the time
 * of a current hash if the password is wrong. `needsRehash` tells when to replace it.
 *
 * @example
 *
 *     const isTheirs = await verifyPassword(account.passwordHash, password);
 */
export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return hashingGate.run(() => fits(passwordHash, password));
}

/**
 * Whether `passwordHash` is anything but argon2id, version 19, with the current parameters of `hashPassword`. A login,
 * which knows the password, then replaces it.
 *
 * @example
 *
 *     if (needsRehash(hash)) await accounts.changePassword(id, hash, await hashPassword(password));
 */
export function needsRehash(passwordHash: string): boolean {
  return !passwordHash.startsWith(today) || passwordHashProblem(passwordHash) !== undefined;
}

/**
 * Takes as long as `verifyPassword` and returns false. A login calls it for an unknown user name, so that a stranger
 * cannot tell from the time which names exist.
 *
 * @param password the entered password: one that NFC changes takes two checks, as in `verifyPassword`
 * @example
 *
 *     const fits = account ? await verifyPassword(account.passwordHash, password) : await verifyNothing(password);
 */
export function verifyNothing(password = ""): Promise<false> {
  return hashingGate.run(() => matchesNothing(password));
}
