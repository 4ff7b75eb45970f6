/** Cuts what is sent to a database into statements of a size that every server takes. */

const maxItems = 500;
/** MySQL takes packets of 16 MiB by default; a character has up to four bytes, and escaping can double them. */
const maxCharacters = 1024 * 1024;

/** In the order given; an item that is too large by itself gets a statement of its own. */
export function* batches<T>(items: Iterable<T>, size: (item: T) => number): Generator<T[]> {
  let batch: T[] = [];
  let characters = 0;
  for (const item of items) {
    const own = size(item);
    if (batch.length === maxItems || (batch.length > 0 && characters + own > maxCharacters)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(item);
    characters += own;
  }
  if (batch.length > 0) yield batch;
}

/** One row for each id, the later one: a statement must not write a row twice. */
export function lastOfEach<T extends { readonly sid: string }>(rows: readonly T[]): Iterable<T> {
  return new Map(rows.map((row) => [row.sid, row])).values();
}
