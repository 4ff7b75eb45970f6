/** A check for passwords that everybody tries first. */
import { passwordLength } from "./passwords.js";

/**
 * Makes a check that says whether a password is among the 17,000 most common ones of eight characters or more, whatever
 * its case. OWASP ASVS 5.0, 6.2.4, asks for 3,000. The list is zxcvbn's, which `@zxcvbn-ts/language-common` carries; it is
 * loaded at the first check, and takes about 10 MB of memory from then on. Nothing is asked over the network.
 */
export function commonPasswords(): (password: string) => Promise<boolean> {
  return async (password) => (await (list ??= load())).has(password.normalize("NFKC").toLowerCase());
}

let list: Promise<ReadonlySet<string>> | undefined;

/** All entries are in lower case. Shorter ones are no passwords here, see `passwordLength`. */
async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"].filter((password) => password.length >= passwordLength.min));
}
