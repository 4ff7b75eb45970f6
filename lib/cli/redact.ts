/** Removes secrets from addresses: what is printed ends up in logs, screenshots and tickets. Pure. */

const secret = /pass|pwd|secret|token|key/i;

/** A URL with its password replaced by `***`. */
export function redactUrl(url: string): string {
  if (/^sqlite:/i.test(url)) return url;
  // If it is not clear which part is the password, nothing is shown.
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || !URL.canParse(url)) return "***";
  const parsed = new URL(url);
  if (parsed.password) parsed.password = "***";
  const secrets = [...parsed.searchParams.keys()].filter((name) => secret.test(name));
  if (!parsed.password && secrets.length === 0) return url;
  for (const name of secrets) parsed.searchParams.set(name, "***");
  return parsed.href;
}

/** What is before the password: `scheme://user:`, or just `user:`. A path (`file:///a/@b`) is none. */
const passwordInWord = /(\b[a-z][a-z0-9+.-]*:\/{1,2}[^\s:/@]*:(?!password@)|[^\s:/@"'`(=]+:(?!password@|[/\\]))\S+@/gi;
/** In quotes, it may contain spaces. */
const passwordInQuotes = /(["'])((?:(?!\1).)*:\/\/[^\s:/@]*:)(?!password@)(?:(?!\1).)*@/gi;
const secretInQuery = /([?&][^\s=&]*(?:pass|pwd|secret|token|key)[^\s=&]*=)[^\s&"']+/gi;

/**
 * The same for whatever looks like a URL within a text, also if it was typed wrong; the literal word `password`, as in
 * an example, stays.
 */
export function redactText(text: string): string {
  return text.replace(passwordInQuotes, "$1$2***@").replace(passwordInWord, "$1***@").replace(secretInQuery, "$1***");
}
