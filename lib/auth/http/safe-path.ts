/** Where a visitor may be redirected after a login: only to a path of this site. Pure. */

/**
 * `next` if it is a path of this site, otherwise `fallback`. Browsers treat `//evil.example` and `/\evil.example` as
 * another site, and ignore tabs and line breaks in URLs, so none of these is accepted.
 *
 * @example res.redirect(safePath(req.query.next, "/"))
 */
export function safePath(next: unknown, fallback: string): string {
  if (typeof next !== "string" || next.length > 500) return fallback;
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must be rejected
  if (!/^\/[^\\\u0000-\u001f\u007f]*$/.test(next)) return fallback;
  if (!URL.canParse(next, "http://site.invalid")) return fallback;
  const url = new URL(next, "http://site.invalid");
  // "/.//evil.example" is a path that turns into "//evil.example" once its dots are resolved.
  if (url.origin !== "http://site.invalid" || url.pathname.startsWith("//")) return fallback;
  return url.pathname + url.search;
}
