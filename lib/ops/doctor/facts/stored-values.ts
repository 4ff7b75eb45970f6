/** What some of the sessions hold, as Redis has it: for the checks, never for the report. */
import type { Server } from "../../../redis/index.js";
import type { Asker } from "./asker.js";
import { mapOf } from "./replies.js";

export interface StoredValues {
  /** The memory that they take in Redis. */
  readonly bytes: number;
  /** One for a string, several for the fields of a hash. */
  readonly texts: readonly string[];
}

interface Candidate {
  readonly key: string;
  readonly form: "string" | "hash" | "tombstone" | "other";
  readonly bytes: number | undefined;
}

/** Bytes of one, and of all. */
const [longest, most] = [1024 * 1024, 4 * 1024 * 1024];

/** In the order of the candidates; without those that are too large, are gone by now, or may not be read. */
export async function storedValues(
  asker: Asker,
  server: Server,
  candidates: readonly Candidate[],
): Promise<StoredValues[]> {
  let room = most;
  const chosen = candidates.flatMap(({ key, form, bytes = Infinity }) => {
    if (form === "tombstone" || form === "other" || bytes > longest || bytes > room) return [];
    room -= bytes;
    return [{ key, form, bytes }];
  });
  const values = await Promise.all(
    chosen.map(async ({ key, form, bytes }) => {
      const answer = await asker.ask(server, form === "hash" ? "HGETALL" : "GET", key);
      if (answer.problem || answer.value === null) return [];
      return [
        { bytes, texts: form === "hash" ? Object.values(mapOf(answer.value)).map(String) : [String(answer.value)] },
      ];
    }),
  );
  return values.flat();
}
