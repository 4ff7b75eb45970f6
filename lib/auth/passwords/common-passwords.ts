/** A check for common passwords, which attackers try first. */
import { passwordLength } from "./password-work.js";

/**
 * Returns a check whether a password is among the 17,000 most common ones of eight or more characters, ignoring case.
 * (OWASP ASVS 5.0, 6.2.4, requires 3,000.) The list is zxcvbn's, from `@zxcvbn-ts/language-common`. It is loaded at the
 * first check, and takes about 10 MB of memory from then on. It makes no network requests.
 *
 * @example localAuth({ sessions, accounts, isCommonPassword: commonPasswords() })
 */
export function commonPasswords(): (password: string) => Promise<boolean> {
  return async (password) => (await (list ??= load())).has(password.normalize("NFKC").toLowerCase());
}

let list: Promise<ReadonlySet<string>> | undefined;

/** All entries are lower-case. Shorter ones are not allowed as passwords anyway, see `passwordLength`. */
async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"].filter((password) => password.length >= passwordLength.min));
}
