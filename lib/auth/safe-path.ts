/** Where a login may send its visitor afterwards: to a path of this site, nowhere else. Pure. */

/**
 * `next` when it is a path of this site, else `fallback`. Browsers read `//evil.example` and `/\evil.example` as another
 * site and drop tabs and line ends before they look, so none of these is let through.
 */
export function safePath(next: unknown, fallback: string): string {
  if (typeof next !== "string" || next.length > 500) return fallback;
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not get in
  if (!/^\/[^\\\u0000-\u001f\u007f]*$/.test(next)) return fallback;
  if (!URL.canParse(next, "http://site.invalid")) return fallback;
  const url = new URL(next, "http://site.invalid");
  // "/.//evil.example" is a path that turns into "//evil.example" once its dots are resolved.
  if (url.origin !== "http://site.invalid" || url.pathname.startsWith("//")) return fallback;
  return url.pathname + url.search;
}
