/** Parses stored password hashes: their kind, their parameters, and limits on them. Pure. */
import { readArgon2Costs } from "./argon2-form.js";

/** A hash that can be checked. */
export type HashForm =
  /** `isCurrent`: with the parameters of new hashes, so checking it takes as long as for an unknown name. */
  | { readonly kind: "argon2"; readonly phc: string; readonly isCurrent: boolean }
  | { readonly kind: "bcrypt"; readonly hash: string; readonly isOfSha256: boolean }
  | { readonly kind: "pbkdf2"; readonly rounds: number; readonly salt: string; readonly derivedKey: Buffer };

/** A hash that matches no password. `isBomb`: because it requires more work than a login may cost. */
export interface NoForm {
  readonly kind: "none";
  readonly isBomb: boolean;
  readonly problem: string;
}

/** The beginning of a current hash: OWASP's 19 MiB, two passes, one lane. */
export const today = "$argon2id$v=19$m=19456,t=2,p=1$";

/** A few corrupt or malicious rows must not block the site or use up its memory. */
const limits = {
  characters: 1000,
  /** KiB. libsodium's "moderate" uses as much; RFC 9106 and PHP use a quarter. */
  argon2Memory: 256 * 1024,
  /** KiB times passes, which determines the time: about 27 times that of a current hash. */
  argon2Work: 1024 * 1024,
  argon2Lanes: 16,
  /** Each step doubles the work; 12 is usual, and 16 takes a few seconds. */
  bcryptCost: 16,
  /** Django 6.0 uses 1,200,000, and each version increases that by about a fifth. */
  pbkdf2Rounds: 3_000_000,
};

export function readHash(passwordHash: string): HashForm | NoForm {
  if (passwordHash.length > limits.characters) {
    return none(`The hash has ${passwordHash.length} characters, but at most ${limits.characters} are allowed.`, true);
  }
  const kind = passwordHash.slice(0, passwordHash.indexOf("$"));
  const rest = passwordHash.slice(kind.length + 1);
  if (kind === "pbkdf2_sha256") return readPbkdf2(rest);
  if (kind === "bcrypt_sha256" || kind === "bcrypt") return readBcrypt(rest, kind === "bcrypt_sha256");
  if (kind === "argon2") return readArgon2(`$${rest}`); // Django puts the name of its hasher before the PHC form
  if (passwordHash.startsWith("$argon2")) return readArgon2(passwordHash);
  if (/^\$2[aby]\$/.test(passwordHash)) return readBcrypt(passwordHash, false);
  return none(
    "The hash is of an unknown kind. Known kinds are argon2, bcrypt, and Django's pbkdf2_sha256 and bcrypt_sha256.",
  );
}

/**
 * Describes what is wrong with a hash from another system; undefined if passwords can be checked against it. A hash
 * with a problem matches no password, so its owner needs a new one.
 *
 * @example
 *
 *     const problem = passwordHashProblem(row.password);
 *     if (problem) console.log(row.id, problem);
 */
export function passwordHashProblem(passwordHash: string): string | undefined {
  const form = readHash(passwordHash);
  return form.kind === "none" ? form.problem : undefined;
}

function readArgon2(phc: string): HashForm | NoForm {
  const asked = readArgon2Costs(phc);
  if (!asked) return none("The hash is not argon2 in the PHC form, which is $argon2id$v=19$m=19456,t=2,p=1$salt$hash.");
  const { memoryCost, timeCost, parallelism } = asked;
  if (memoryCost > limits.argon2Memory) return tooMuch("argon2", `m=${memoryCost}`, `m=${limits.argon2Memory} (KiB)`);
  if (parallelism > limits.argon2Lanes) return tooMuch("argon2", `p=${parallelism}`, `p=${limits.argon2Lanes}`);
  if (memoryCost * timeCost > limits.argon2Work) {
    return tooMuch("argon2", `m=${memoryCost} with t=${timeCost}`, `a product of ${limits.argon2Work}`);
  }
  return { kind: "argon2", phc, isCurrent: phc.startsWith(today) };
}

/** Kind, cost, 22 characters of salt and 31 of hash. */
const bcryptForm = /^(\$2[aby]\$)(\d\d)(\$[./A-Za-z0-9]{21})([./A-Za-z0-9])([./A-Za-z0-9]{30})([./A-Za-z0-9])$/;
const bcryptLetters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function readBcrypt(text: string, isOfSha256: boolean): HashForm | NoForm {
  const [, kind, cost, salt, saltEnd, sum, sumEnd] = bcryptForm.exec(text) ?? [];
  if (kind === undefined || Number(cost) < 4)
    return none("The hash is not bcrypt, which is $2b$, a cost from 04 up, $ and 53 characters.");
  if (Number(cost) > limits.bcryptCost) return tooMuch("bcrypt", `the cost ${cost}`, String(limits.bcryptCost));
  // With 16 bytes of salt and 23 of hash, four and two bits of the last characters are unused. Some systems set them,
  // which the library would read as a different hash.
  const ends = [cleared(saltEnd!, 4), cleared(sumEnd!, 2)];
  return { kind: "bcrypt", hash: [kind, cost, salt, ends[0], sum, ends[1]].join(""), isOfSha256 };
}

function cleared(letter: string, bits: number): string {
  const value = bcryptLetters.indexOf(letter);
  return bcryptLetters[value - (value % 2 ** bits)]!;
}

/** Parses `600000$salt$base64`. The salt is used as written, not decoded. */
function readPbkdf2(text: string): HashForm | NoForm {
  const [, digits, salt, encoded] = /^(\d+)\$([^$]+)\$([A-Za-z0-9+/]{43}=?)$/.exec(text) ?? [];
  const rounds = Number(digits);
  if (salt === undefined || !(rounds >= 1)) {
    return none(
      "The hash is not Django's pbkdf2_sha256, which is rounds, a salt and 32 bytes in base64, separated by $.",
    );
  }
  if (rounds > limits.pbkdf2Rounds) return tooMuch("pbkdf2_sha256", `${digits} rounds`, String(limits.pbkdf2Rounds));
  return { kind: "pbkdf2", rounds, salt, derivedKey: Buffer.from(encoded!, "base64") };
}

function none(problem: string, isBomb = false): NoForm {
  return { kind: "none", isBomb, problem };
}

function tooMuch(kind: string, asked: string, limit: string): NoForm {
  return none(
    `The hash requires too much work: this ${kind} hash has ${asked}, but at most ${limit} is allowed.`,
    true,
  );
}
