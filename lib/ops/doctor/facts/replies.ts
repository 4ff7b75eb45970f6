/** Replies in one form, whether the client speaks RESP2 or RESP3. Pure. */

/** The lines `name:value` of INFO. */
export function linesOf(reply: unknown): Record<string, string> {
  const lines: Record<string, string> = Object.create(null);
  for (const line of String(reply).split(/\r?\n/)) {
    const at = line.indexOf(":");
    if (at > 0 && !line.startsWith("#")) lines[line.slice(0, at)] = line.slice(at + 1);
  }
  return lines;
}

/** A map: an object or a `Map`, or in RESP2 a list of names and values in turn. */
export function mapOf(reply: unknown): Record<string, unknown> {
  if (reply instanceof Map) return Object.fromEntries([...reply].map(([name, value]) => [String(name), value]));
  if (!Array.isArray(reply)) return typeof reply === "object" && reply !== null ? { ...reply } : {};
  const map: Record<string, unknown> = {};
  for (let i = 0; i + 1 < reply.length; i += 2) map[String(reply[i])] = reply[i + 1];
  return map;
}

/** A list or a set of texts. */
export function listOf(reply: unknown): string[] {
  return Array.isArray(reply) || reply instanceof Set ? Array.from(reply, String) : [];
}
