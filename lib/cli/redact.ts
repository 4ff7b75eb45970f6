/** Addresses without their secrets: what is printed ends in logs, in screenshots and in tickets. Pure. */

const secret = /pass|pwd|secret|token|key/i;

/** A url as it may be shown; its password becomes `***`. */
export function redactUrl(url: string): string {
  if (/^sqlite:/i.test(url)) return url;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return "***"; // which part of it is the password cannot be told
  }
  if (parsed.password) parsed.password = "***";
  const secrets = [...parsed.searchParams.keys()].filter((name) => secret.test(name));
  if (!parsed.password && secrets.length === 0) return url;
  for (const name of secrets) parsed.searchParams.set(name, "***");
  return parsed.href;
}

/** The same for addresses in the middle of a text; the word `password`, in a sentence that explains, stays. */
export function redactText(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):(?!password@)[^\s@]*@/gi, "$1:***@");
}
