/** For each hash slot of a Redis Cluster, a short text that is in it: as the `{tag}` of a key, it puts the key there. Pure. */
import { keySlot } from "../../redis/index.js";

const slots = 16_384;
let tags: string[] | undefined;

/** A text in the slot of this key. The first call takes some milliseconds. */
export function tagFor(key: string): string {
  tags ??= allTags();
  return tags[keySlot(key)]!;
}

function allTags(): string[] {
  const all: string[] = [];
  for (let n = 0, found = 0; found < slots; n++) {
    const tag = n.toString(36);
    const slot = keySlot(tag);
    if (all[slot] !== undefined) continue;
    all[slot] = tag;
    found++;
  }
  return all;
}
