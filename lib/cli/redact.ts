/** Removes secrets from addresses: what is printed ends up in logs, screenshots and tickets. Pure. */

const secret = /pass|pwd|secret|token|key/i;

/** A URL with its password replaced by `***`. */
export function redactUrl(url: string): string {
  if (/^sqlite:/i.test(url)) return url;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return "***"; // it is not clear which part is the password
  }
  if (parsed.password) parsed.password = "***";
  const secrets = [...parsed.searchParams.keys()].filter((name) => secret.test(name));
  if (!parsed.password && secrets.length === 0) return url;
  for (const name of secrets) parsed.searchParams.set(name, "***");
  return parsed.href;
}

/** The same for URLs within a text; the literal word `password`, as in an example, stays. */
export function redactText(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):(?!password@)[^\s@]*@/gi, "$1:***@");
}
