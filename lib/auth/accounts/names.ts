/** User names and e-mail addresses: which are allowed, and which count as the same. Pure. */
import { domainToASCII } from "node:url";
import { toUSVString } from "node:util";

/** Characters without any ink that Unicode does not list as ignorable: in Braille, hieroglyphs and music. */
const blank = String.raw`\u2800\u{13441}\u{13442}\u{16FE4}\u{1D159}`;

/**
 * 3 to 30 letters, digits, dots, hyphens and underscores, of any alphabet, beginning with a letter or a digit.
 * Characters that are invisible or change the writing direction are not allowed, such as Hangul fillers or joiners (RFC
 * 8264).
 */
export const usernamePattern = new RegExp(
  String.raw`^(?!.*[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}${blank}])[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]{2,29}$`,
  "u",
);

/**
 * Whether an account may be created with this user name. Checks it as written and in normal form: it must match
 * `usernamePattern` and must not imitate another name (UTS #39): no mix of Latin, Greek and Cyrillic letters, and no
 * accents that cannot be seen. Existing accounts are not affected, because a login does not check this.
 *
 * @example
 *
 *     isUsername("Ada"); // true
 *     isUsername("аdа"); // false: Cyrillic letters among Latin ones
 */
export function isUsername(text: string): boolean {
  const normal = normalizeUsername(text);
  if (!usernamePattern.test(text) || !usernamePattern.test(normal) || unseenMarks.test(text.normalize("NFKD")))
    return false;
  return alikeScripts.filter((script) => script.test(normal)).length <= 1;
}

/** Scripts whose letters look alike, such as in `аdа` and `ada`. */
const alikeScripts = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u];

/** The same accent twice, five or more accents, or a dot on a letter that already has one. */
const unseenMarks = /(\p{Mn})\1|\p{Mn}{5}|\p{Soft_Dotted}\u0307/u;

/**
 * The normal form in which user names are compared and indexed: compatibility forms are folded (`ａｄａ` becomes `ada`, a
 * ligature becomes its letters), then case. Two names with the same form are the same name. A lone surrogate becomes
 * `\uFFFD`, as in any database.
 *
 * @example normalizeUsername("ＡDA") // "ada"
 */
export function normalizeUsername(username: string): string {
  // Trimmed last: a standalone accent (`\u00B4`, `\uFC5E`) is folded to a space with a combining accent.
  return toUSVString(username.normalize("NFKC").toLowerCase().normalize("NFKC").trim());
}

/** Characters that are not allowed, for a character class. */
const never = String.raw`\s\p{C}\p{Default_Ignorable_Code_Point}${blank}"(),:;<>[\]\\`;

/**
 * One `@` with something on both sides, at most 254 characters. No white space, no control, invisible or unassigned
 * characters, and none of the characters that separate addresses in a mail header (RFC 5322's specials).
 */
export const emailPattern = new RegExp(`^(?=.{3,254}$)[^@${never}]+@[^@${never}]*[^@.${never}]$`, "u");

/**
 * Whether this can be an e-mail address, as written and in normal form (where a full-width `＠` is an `@`). Only a mail
 * can tell whether it exists.
 *
 * @example isEmail("ada@example.org") // true
 */
export function isEmail(text: string): boolean {
  return emailPattern.test(text) && emailPattern.test(normalizeEmail(text));
}

/**
 * The normal form in which e-mail addresses are compared and indexed: compatibility forms are folded, then case, and
 * the domain is converted to its DNS form (`bücher.example` becomes `xn--bcher-kva.example`).
 *
 * The case of the part before the `@` is ignored, although a mail server may distinguish `Ada` from `ada`: hardly any
 * does, and people write both. Dots and `+shop` are kept, because they are significant with most providers.
 *
 * Two texts with the same form may still be different mailboxes. So send mail to the address in the account, never to
 * the one that a visitor typed.
 *
 * @example normalizeEmail("Ada@Bücher.example") // "ada@xn--bcher-kva.example"
 */
export function normalizeEmail(email: string): string {
  const text = toUSVString(email.normalize("NFKC").toLowerCase().normalize("NFKC").trim());
  const at = text.lastIndexOf("@") + 1;
  return at === 0 ? text : text.slice(0, at) + asciiDomain(text.slice(at));
}

/** Letters of any alphabet, and the ideographic full stop, which DNS treats as a dot. */
const domainPattern = /^[\p{L}\p{N}\p{M}.。-]+$/u;

/**
 * What is not a domain is not changed: `domainToASCII` parses URLs, and would truncate `a.example/b` to `a.example`.
 */
function asciiDomain(domain: string): string {
  return domainPattern.test(domain) ? domainToASCII(domain) || domain : domain;
}
