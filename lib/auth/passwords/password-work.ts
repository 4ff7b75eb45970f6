/** Hashes and checks passwords, without the queue; see passwords.ts. */
import { createHash, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { HoldfastError } from "../../errors/index.js";
import { readHash, type HashForm } from "./hash-forms.js";
import { loadArgon2, loadBcrypt } from "./native-hashing.js";

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. The library's default kind is argon2id. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const derive = promisify(pbkdf2);

/** How many characters a password may have. The maximum prevents hashing megabytes. */
export const passwordLength = { min: 8, max: 256 } as const;

/** The length in Unicode code points: most emojis are one, although JavaScript stores two units. */
export function lengthOf(password: string): number {
  // Far too long anyway: do not split it.
  return password.length > 2 * passwordLength.max ? password.length : Array.from(password).length;
}

/** See `hashPassword`. */
export async function hashOf(password: string): Promise<string> {
  const { hash } = await loadArgon2();
  return hash(password.normalize("NFC"), parameters);
}

/** See `verifyPassword`. */
export async function fits(passwordHash: string, password: string): Promise<boolean> {
  if (lengthOf(password) > passwordLength.max) return matchesNothing();
  const form = readHash(passwordHash);
  if (form.kind === "none") return matchesNothing(password);
  const isRight = await check(form, password).catch(falseUnlessMissing);
  if (isRight || (form.kind === "argon2" && form.isCurrent)) return isRight;
  // A hash with few rounds, or one that a library rejects after all, took too little time.
  return matchesNothing(password);
}

let hashOfNothing: Promise<string> | undefined;

/** See `verifyNothing`. */
export async function matchesNothing(password = ""): Promise<false> {
  hashOfNothing ??= hashOf(randomBytes(24).toString("base64")).catch((error: unknown) => {
    hashOfNothing = undefined; // the next call tries again
    throw error;
  });
  await checkArgon2(await hashOfNothing, lengthOf(password) > passwordLength.max ? "" : password);
  return false;
}

async function check(form: HashForm, password: string): Promise<boolean> {
  switch (form.kind) {
    case "argon2":
      return checkArgon2(form.phc, password);
    case "bcrypt":
      return (await loadBcrypt()).verify(form.isOfSha256 ? sha256(password) : password, form.hash);
    case "pbkdf2":
      return timingSafeEqual(await derive(password, form.salt, form.rounds, 32, "sha256"), form.derivedKey);
  }
}

/** A hash that a library rejects matches nothing. But a missing library must not look like a wrong password. */
function falseUnlessMissing(error: unknown): false {
  if (error instanceof HoldfastError) throw error;
  return false;
}

/** Other systems hash a password as typed, so if normalizing changes it, both forms are tried. */
async function checkArgon2(phc: string, password: string): Promise<boolean> {
  const { verify } = await loadArgon2();
  const normal = password.normalize("NFC");
  return (await verify(phc, normal)) || (normal !== password && (await verify(phc, password)));
}

function sha256(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}
