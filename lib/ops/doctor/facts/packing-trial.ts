/** What the option `compress` would bring: a few sessions are read and compressed here, and nothing is written. */
import { compressionThreshold } from "../../../express-session/index.js";
import { packed } from "../../../session/index.js";
import type { Server } from "../../../redis/index.js";
import type { Asker } from "./asker.js";
import { mapOf } from "./replies.js";

export interface PackingTrial {
  /** The number of sessions that were tried. */
  readonly tried: number;
  /** The memory that they take in Redis, and how much of it would be saved; none where they are compressed already. */
  readonly bytes: number;
  readonly saved: number;
}

interface Candidate {
  readonly key: string;
  readonly form: "string" | "hash" | "tombstone";
  readonly bytes: number | undefined;
}

const mostTried = 20;
/** Bytes. Longer ones are not compressed, and would only be sent. */
const longest = 1024 * 1024;
const threshold = compressionThreshold(true)!;

/** `undefined` if none could be read. */
export async function packingTrial(
  asker: Asker,
  server: Server,
  candidates: readonly Candidate[],
): Promise<PackingTrial | undefined> {
  const chosen = candidates.flatMap(({ key, form, bytes = Infinity }) =>
    form === "tombstone" || bytes > longest ? [] : [{ key, form, bytes }],
  );
  const trials = await Promise.all(
    chosen.slice(0, mostTried).map(async ({ key, form, bytes }) => {
      const answer = await asker.ask(server, form === "hash" ? "HGETALL" : "GET", key);
      if (answer.problem || answer.value === null) return [];
      const texts = form === "hash" ? Object.values(mapOf(answer.value)) : [answer.value];
      return [{ bytes, saved: texts.reduce((sum: number, text) => sum + savingOf(String(text)), 0) }];
    }),
  );
  const read = trials.flat();
  if (read.length === 0) return undefined;
  const sum = (name: "bytes" | "saved") => read.reduce((total, one) => total + one[name], 0);
  return { tried: read.length, bytes: sum("bytes"), saved: sum("saved") };
}

/** Only JSON is compressed, and nothing twice. */
function savingOf(text: string): number {
  const smaller = /^["[{]/.test(text) ? packed(text, threshold) : undefined;
  return smaller === undefined ? 0 : Buffer.byteLength(text) - smaller.length;
}
