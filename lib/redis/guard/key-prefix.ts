/** What the app's client itself puts in front of every key: the option `keyPrefix` of `redis` 6. Pure. */

/** Keys that are passed to the client lack it. Keys in replies, patterns and announcements have it, and it counts for the slot. */
export function keyPrefixOf({ _keyPrefix: prefix }: object & { _keyPrefix?: unknown }): string {
  return typeof prefix === "string" || Buffer.isBuffer(prefix) ? String(prefix) : "";
}
