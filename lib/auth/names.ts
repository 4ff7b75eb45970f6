/** User names and e-mail addresses: which are allowed, and when two of them are the same one. Pure. */
import { domainToASCII } from "node:url";
import { toUSVString } from "node:util";

/** 3 to 30 letters, digits, dots, hyphens and underscores, of any alphabet; the first is a letter or a digit. */
export const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]{2,29}$/u;

/**
 * The form in which user names are compared and indexed: compatibility forms are folded (`ａｄａ` is `ada`, a ligature
 * is its letters), then case. Two names that differ only in this are one name. Half a surrogate pair becomes `\uFFFD`,
 * as it does on its way to any database.
 */
export function normaliseUsername(username: string): string {
  return toUSVString(username.trim().normalize("NFKC").toLowerCase().normalize("NFKC"));
}

/** One `@` with something on both sides, no white space or control characters, 254 characters at most. */
export const emailPattern = /^(?=.{3,254}$)[^\s@\p{Cc}]+@[^\s@\p{Cc}]*[^\s@\p{Cc}.]$/u;

/**
 * Whether this can be an e-mail address, as it is written and in the form in which it is compared (a full-width `＠` is
 * an `@` there). Whether mail arrives, only a mail can tell.
 */
export function isEmail(text: string): boolean {
  return emailPattern.test(text) && emailPattern.test(normaliseEmail(text));
}

/**
 * The form in which e-mail addresses are compared and indexed: compatibility forms are folded, then case, then the
 * domain is written as DNS has it (`bücher.example` is `xn--bcher-kva.example`).
 *
 * The case of the part before the `@` counts for nothing here, though a mail server may tell `Ada` from `ada`: hardly one
 * does, and people write both. Dots and `+shop` stay, for they mean something with most providers.
 *
 * Two texts with one form need not be one mailbox. So send mail to the address that the account has, never to the one
 * that a visitor typed to find it.
 */
export function normaliseEmail(email: string): string {
  const text = toUSVString(email.normalize("NFKC").toLowerCase().normalize("NFKC").trim());
  const at = text.lastIndexOf("@") + 1;
  return at === 0 ? text : text.slice(0, at) + asciiDomain(text.slice(at));
}

/** Letters of any alphabet, and the full stop of Chinese and Japanese, which DNS takes for a dot. */
const domainPattern = /^[\p{L}\p{N}\p{M}.。-]+$/u;

/** What is no domain stays as it is: `domainToASCII` reads URLs, and would cut `a.example/b` to `a.example`. */
function asciiDomain(domain: string): string {
  return domainPattern.test(domain) ? domainToASCII(domain) || domain : domain;
}
