/** User names: which are allowed, and when two of them are the same one. Pure. */

/** 3 to 30 letters, digits, dots, hyphens and underscores, of any alphabet; the first is a letter or a digit. */
export const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]{2,29}$/u;

/**
 * The form in which user names are compared and indexed: compatibility forms are folded (`ａｄａ` is `ada`, a ligature
 * is its letters), then case. Two names that differ only in this are one name.
 */
export function normaliseUsername(username: string): string {
  return username.trim().normalize("NFKC").toLowerCase().normalize("NFKC");
}
