/** The secrets that sign the session cookie: where they come from, and which of them are usable. */
import { KeyObject, randomBytes, type CipherKey } from "node:crypto";
import { codes, HoldfastError, setupInvalid, warnOnce } from "../../errors/index.js";

/** As in express-session: a string, a Buffer or a KeyObject. */
export type Secret = CipherKey;

/** Shorter secrets can be guessed from one signed cookie, offline. */
const shortest = 32;

export interface Secrets {
  /**
   * The first signs, all verify. If the app gave a list, it is that list itself, so changes take effect immediately.
   */
  readonly list: readonly Secret[];
  /** It was generated for this process only; a secret of cookie-parser takes precedence. */
  readonly isGenerated: boolean;
}

/**
 * The secrets: the option, else `SESSION_SECRET`, else, in development, a random one for this process.
 *
 * @throws HoldfastError `HOLDFAST_SECRET_MISSING` in production, `HOLDFAST_OPTION_INVALID` for what cannot be a secret
 */
export function resolveSecrets(option: unknown, env: NodeJS.ProcessEnv = process.env): Secrets {
  const given = option || env["SESSION_SECRET"];
  const how = "Give `secret` or SESSION_SECRET 32 or more random characters: openssl rand -base64 32";
  if (given) {
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    checkList(list, Array.isArray(given), option ? "option `secret`" : "environment variable SESSION_SECRET");
    if (typeof list[0] === "string" && list[0].length < shortest) {
      warnOnce(
        codes.SECRET_SHORT,
        `The secret that signs the session cookie is shorter than ${shortest} characters. ${how}`,
      );
    }
    return { list, isGenerated: false };
  }
  if (env["NODE_ENV"] === "production") {
    throw new HoldfastError(codes.SECRET_MISSING, `There is no secret to sign the session cookie with. ${how}`);
  }
  warnOnce(
    codes.SECRET_GENERATED,
    "There is no secret, so session cookies are signed with a random one, for this process only; a restart logs " +
      `everyone out. ${how}`,
  );
  return { list: [randomBytes(32).toString("base64url")], isGenerated: true };
}

/** Anything else in the list neither signs nor verifies: everybody knows an empty secret. */
export function isUsable(secret: unknown): secret is Secret {
  if (typeof secret === "string") return secret.trim() !== "";
  if (secret instanceof KeyObject) return (secret.symmetricKeySize ?? 0) > 0; // which other kinds of keys lack
  return (ArrayBuffer.isView(secret) || secret instanceof ArrayBuffer) && secret.byteLength > 0;
}

function checkList(list: readonly unknown[], isList: boolean, where: string): asserts list is readonly Secret[] {
  if (list.length === 0) throw setupInvalid(`The ${where} is an empty list: put one or more secrets in it.`);
  const wrong = list.findIndex((secret) => !isUsable(secret));
  if (wrong < 0) return;
  const which = isList ? `Number ${wrong + 1} of the list in the ${where}` : `The ${where}`;
  throw setupInvalid(
    `${which} is ${describe(list[wrong])}, which cannot be a secret: use a non-empty string, Buffer or secret ` +
      "KeyObject. If it comes from an environment variable, check that it is set.",
  );
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "string") return value === "" ? "an empty string" : "only white space";
  return typeof value === "object" ? "empty, or an object of another kind" : `a ${typeof value}`;
}
