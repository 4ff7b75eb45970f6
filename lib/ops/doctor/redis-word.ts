/** One word for `redis-cli`, which has rules of its own for quotes. Pure. */
export function redisWord(text: string): string {
  if (/^[^\s"'\\]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
