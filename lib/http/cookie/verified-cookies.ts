/** Verifies the signature of each session cookie once, as long as the secrets stay the same. */
import { KeyObject } from "node:crypto";
import { sign, unsign } from "cookie-signature";
import { codes, HoldfastError } from "../../errors/index.js";
import { isUsable, type Secret } from "./secrets.js";

/** How many cookies are remembered. */
const capacity = 10_000;

/**
 * Remembers signed cookies that were verified, so that the signature is not computed again for every request of a
 * visitor. A cookie is recognized only if every character is the same, and only while the list of secrets, which an app
 * may change in place, is the same.
 */
export class VerifiedCookies {
  readonly #ids = new Map<string, string>();
  /** The cookies signed with the first secret, by id. */
  readonly #current = new Map<string, string>();
  /** The list as it was when the first cookie was remembered. */
  #secrets: readonly Secret[] = [];
  #usable: readonly Secret[] = [];

  idOf(value: string | undefined, secrets: readonly Secret[]): string | undefined {
    if (typeof value !== "string") return undefined;
    this.#follow(secrets);
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const [first, ...others] = this.#usable;
    if (first === undefined) return undefined;
    const id = verify(value, [first]);
    if (id !== undefined) return this.#remember(value, id, true);
    const old = verify(value, others);
    return old === undefined ? undefined : this.#remember(value, old, false);
  }

  /**
   * The cookie's value for this id, signed with the first secret.
   *
   * @throws HoldfastError `HOLDFAST_SECRET_MISSING` if the app has taken all secrets out of its list
   */
  valueOf(id: string, secrets: readonly Secret[]): string {
    this.#follow(secrets);
    const known = this.#current.get(id);
    if (known !== undefined) return known;
    const [first] = this.#usable;
    if (first === undefined) throw noSecretLeft();
    return `s:${sign(id, first)}`;
  }

  #follow(secrets: readonly Secret[]): void {
    if (isSame(this.#secrets, secrets)) return;
    this.#secrets = [...secrets];
    this.#usable = this.#secrets.filter(isUsable);
    this.#ids.clear();
    this.#current.clear();
  }

  #remember(value: string, id: string, isCurrent: boolean): string {
    if (!this.#usable.every(isFixed)) return id;
    if (this.#ids.size >= capacity) {
      this.#ids.clear();
      this.#current.clear();
    }
    this.#ids.set(value, id);
    if (isCurrent) this.#current.set(id, value);
    return id;
  }
}

/** The id in a signed value, if one of the secrets signed it. */
export function verify(value: unknown, secrets: readonly Secret[]): string | undefined {
  if (typeof value !== "string" || !value.startsWith("s:")) return undefined;
  const signed = value.slice(2);
  for (const secret of secrets) {
    if (!isUsable(secret)) continue;
    const id = unsign(signed, secret);
    if (id !== false) return id;
  }
  return undefined;
}

function isSame(a: readonly Secret[], b: readonly Secret[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A Buffer's bytes can change. */
function isFixed(secret: Secret): boolean {
  return typeof secret === "string" || secret instanceof KeyObject;
}

function noSecretLeft(): HoldfastError {
  return new HoldfastError(
    codes.SECRET_MISSING,
    "The list of secrets of this app has no usable one any more, so session cookies cannot be signed. " +
      "Add the new secret before removing the old one.",
  );
}
