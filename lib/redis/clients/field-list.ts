/** HGETALL as libraries and their users' transformers return it, as one list. Pure. */

/** @param reply a list of names and values in turn, a list of pairs, a `Map` or an object */
export function fieldList(reply: unknown): unknown[] {
  if (Array.isArray(reply)) return reply.every(Array.isArray) ? reply.flat() : reply;
  if (reply instanceof Map) return [...reply].flat();
  return typeof reply === "object" && reply !== null ? Object.entries(reply).flat() : [];
}

/** Without a prototype, so that a field named `__proto__` is a field like any other. */
export function fieldsIn(list: readonly unknown[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < list.length; i += 2) fields[String(list[i])] = String(list[i + 1]);
  return fields;
}
