/**
 * Hashes that older systems made, Django's above all, so that nobody needs a new password when a site moves here:
 *
 *     pbkdf2_sha256$600000$salt$base64      Django's default
 *     bcrypt_sha256$$2b$12$...              Django: bcrypt of the password's SHA-256 in hex
 *     bcrypt$$2b$12$...                     Django: bcrypt of the password
 *     $2a$10$...  $2b$10$...  $2y$10$...    bcrypt of the password, of any system
 *
 * They are of the password as it was typed, so nothing is normalised here. bcrypt looks at the first 72 bytes only: of a
 * longer password the rest may differ, as it could on the old site, until a login replaces the hash.
 */
import { createHash, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { verify } from "@node-rs/bcrypt";

/** A hash that asks for more counts as unreadable: rubbish in a few rows must not hold up the site for hours. */
const limits = {
  /** Django 6.0 uses 1,200,000 and raises that by about a fifth with each version. */
  iterations: 3_000_000,
  /** Each one more doubles the work; 12 is usual, and 16 takes some seconds. */
  bcryptCost: 16,
};

const derive = promisify(pbkdf2);

/** How to check a password against this hash; undefined: it is of none of these kinds. The check throws if it cannot be read. */
export function legacyCheckOf(passwordHash: string): ((password: string) => Promise<boolean>) | undefined {
  const kind = passwordHash.slice(0, passwordHash.indexOf("$"));
  const rest = passwordHash.slice(kind.length + 1);
  if (kind === "pbkdf2_sha256") return (password) => checkPbkdf2(rest, password);
  if (kind === "bcrypt_sha256") return (password) => checkBcrypt(rest, sha256(password));
  if (kind === "bcrypt") return (password) => checkBcrypt(rest, password);
  if (/^\$2[aby]\$/.test(passwordHash)) return (password) => checkBcrypt(passwordHash, password);
  return undefined;
}

/** `hash` as `600000$salt$base64`. The salt is taken as it is written, not decoded. */
async function checkPbkdf2(hash: string, password: string): Promise<boolean> {
  const [iterations, salt, encoded, ...more] = hash.split("$");
  const rounds = /^\d+$/.test(iterations ?? "") ? Number(iterations) : 0;
  const expected = Buffer.from(encoded ?? "", "base64");
  const isReadable = rounds >= 1 && rounds <= limits.iterations && salt && expected.length === 32 && more.length === 0;
  if (!isReadable) throw new RangeError("This hash cannot be read.");
  return timingSafeEqual(await derive(password, salt, rounds, 32, "sha256"), expected);
}

/** Its kind, its cost, 22 characters of salt and 31 of hash. */
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

async function checkBcrypt(hash: string, password: string): Promise<boolean> {
  const cost = Number(bcryptForm.exec(hash)?.[1] ?? 0);
  // `verify` would answer at once where it cannot read the hash, which tells a stranger that there is an account.
  if (cost < 4) throw new RangeError("This hash cannot be read.");
  if (cost > limits.bcryptCost) throw new RangeError("This hash takes too long to check.");
  return verify(password, hash);
}

function sha256(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}
