/** Passwords: argon2id with OWASP's parameters, which each hash carries with it. */
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. The library's default kind is argon2id. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** How many characters a password may have. The upper end keeps a flood of megabytes from being hashed. */
export const passwordLength = { min: 8, max: 256 } as const;

/** A hash in the PHC form, as `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  return hash(password, parameters);
}

/** Whether `password` is the one that was hashed. A hash that cannot be read fits no password. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  if (password.length > passwordLength.max) return verifyNothing();
  try {
    return await verify(passwordHash, password);
  } catch {
    return verifyNothing();
  }
}

let hashOfNothing: Promise<string> | undefined;

/**
 * Works as long as `verifyPassword` and answers false: what a login does for a user name that nobody has, so that a
 * stranger cannot tell by the clock which names exist.
 */
export async function verifyNothing(): Promise<false> {
  hashOfNothing ??= hashPassword(randomBytes(24).toString("base64"));
  await verify(await hashOfNothing, "");
  return false;
}
