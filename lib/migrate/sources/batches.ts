/** Splits what is sent to a database into statements of a size that every server accepts. */

const maxItems = 500;
/** MySQL accepts packets of 16 MiB by default, and older versions less. */
const usualBytes = 4 * 1024 * 1024;

/** Keeps the order; an item that is too large gets a statement of its own. */
export function* batches<T>(items: Iterable<T>, size: (item: T) => number, most = Infinity): Generator<T[]> {
  const maxBytes = Math.min(usualBytes, most);
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const own = size(item);
    if (batch.length === maxItems || (batch.length > 0 && bytes + own > maxBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += own;
  }
  if (batch.length > 0) yield batch;
}

/** One row per id, the last one: a statement must not write a row twice. */
export function lastOfEach<T extends { readonly sid: string }>(rows: readonly T[]): Iterable<T> {
  return new Map(rows.map((row) => [row.sid, row])).values();
}
