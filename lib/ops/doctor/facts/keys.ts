/** Which keys there are, from as many as can be looked at in a short time, and a sample of the sessions. */
import { isHashedName } from "../../../errors/index.js";
import { pulseKey } from "../../pulse/pulse-keys.js";
import type { KeyPlaces } from "../rights.js";
import type { Answer, Problem } from "./answer.js";
import type { Server } from "../../../redis/index.js";
import type { Asker } from "./asker.js";
import { packingTrial, type PackingTrial } from "./packing-trial.js";
import { listOf } from "./replies.js";
import { storedForms, type StoredForms } from "./stored-forms.js";
import { storedValues } from "./stored-values.js";

export const kinds = ["session", "devices", "throttle", "account", "move", "pulse", "other"] as const;
export type Kind = (typeof kinds)[number];

/** Whether this is a session, and neither a tombstone nor something else under the same prefix. */
export const isLive = ({ form }: Pick<SessionSample, "form">): boolean => form === "string" || form === "hash";

interface SessionSample {
  /** Not for the report. */
  readonly key: string;
  /** Whether its key has a hash of the id. */
  readonly isHashed: boolean;
  readonly form: "string" | "hash" | "tombstone" | "other";
  /** Of a key that is no session, such as `list`; `undefined` if the user may not ask. */
  readonly type?: string | undefined;
  /** Seconds; -1 if it does not expire. */
  readonly ttl: Answer<number>;
  /** Bytes of memory. */
  readonly bytes: Answer<number>;
}

export interface KeyFacts {
  /** Why SCAN ended early; `undefined` if it has seen all keys, or as many as fit into its time. */
  readonly problem: Problem | undefined;
  readonly isComplete: boolean;
  /** The number of keys that were looked at. */
  readonly seen: number;
  readonly counts: Readonly<Record<Kind, number>>;
  readonly sessions: readonly SessionSample[];
  /** How many of the sessions' keys have a hash of the id. */
  readonly hashed: number;
  /** Of as many sessions as may be read, and are not too large. */
  readonly forms: StoredForms;
  /** What `compress` would bring, if that could be tried. */
  readonly packing: PackingTrial | undefined;
}

/** Milliseconds that listing keys may take. */
const scanTime = 3000;
/** A hint to the server: it looks at about so many keys in one step, which takes it less than a millisecond. */
const scanCount = 1000;
const sampleSize = 200;

export async function keyFacts(asker: Asker, server: Server, places: KeyPlaces): Promise<KeyFacts> {
  const counts = { session: 0, devices: 0, throttle: 0, account: 0, move: 0, pulse: 0, other: 0 };
  const sample: string[] = [];
  let hashed = 0;
  const endsAt = performance.now() + Math.min(scanTime, asker.timeLeft / 2);
  let cursor = "0";
  let problem: Problem | undefined;
  do {
    const answer = await asker.ask(server, "SCAN", cursor, "COUNT", String(scanCount));
    if (answer.problem) {
      ({ problem } = answer);
      break;
    }
    const [next, keys]: unknown[] = Array.isArray(answer.value) ? answer.value : [];
    cursor = String(next ?? "0");
    for (const key of listOf(keys)) {
      const kind = kindOf(key, places);
      counts[kind]++;
      if (kind !== "session") continue;
      if (isHashedName(key.slice(places.prefix.length))) hashed++;
      keepSome(sample, key, counts.session);
    }
  } while (cursor !== "0" && performance.now() < endsAt);
  const samples = await Promise.all(sample.map((key) => sessionSample(asker, server, key, places)));
  const sessions = samples.filter((session) => session !== undefined);
  const candidates = sessions.map(({ key, form, bytes }) => ({ key, form, bytes: bytes.value }));
  const values = await storedValues(asker, server, candidates);
  return {
    problem,
    isComplete: cursor === "0" && !problem,
    seen: kinds.reduce((sum, kind) => sum + counts[kind], 0),
    counts,
    sessions,
    hashed,
    forms: storedForms(values),
    packing: packingTrial(values),
  };
}

function kindOf(key: string, { prefix, authPrefix, moveKey }: KeyPlaces): Kind {
  if (key === moveKey || key.startsWith(`${moveKey}:`)) return "move";
  if (key.includes(pulseKey)) return "pulse";
  if (key.startsWith(authPrefix)) {
    const name = /^(devices|throttle|user|username|email):/.exec(key.slice(authPrefix.length))?.[1];
    if (name === "devices" || name === "throttle") return name;
    if (name !== undefined) return "account";
  }
  return key.startsWith(prefix) ? "session" : "other";
}

/** Each of the keys so far has the same chance to be in the sample. */
function keepSome(sample: string[], key: string, soFar: number): void {
  if (sample.length < sampleSize) sample.push(key);
  else {
    const place = Math.floor(Math.random() * soFar);
    if (place < sampleSize) sample[place] = key;
  }
}

/** `undefined` if it is gone by now. */
async function sessionSample(
  asker: Asker,
  server: Server,
  key: string,
  { prefix }: KeyPlaces,
): Promise<SessionSample | undefined> {
  const [length, ttl, bytes] = await Promise.all([
    asker.ask(server, "STRLEN", key),
    asker.ask(server, "TTL", key),
    asker.ask(server, "MEMORY", "USAGE", key, "SAMPLES", "0"), // all fields of a hash: they are of different lengths
  ]);
  if (ttl.value === -2 || bytes.value === null) return undefined;
  const isNoString = length.problem?.text.startsWith("WRONGTYPE") ?? false;
  // What cannot be asked is taken for a session.
  const type = isNoString ? String((await asker.ask(server, "TYPE", key)).value ?? "hash") : "string";
  if (type === "none") return undefined;
  const isEmpty = !length.problem && Number(length.value) === 0;
  return {
    key,
    isHashed: isHashedName(key.slice(prefix.length)),
    form: type === "hash" ? "hash" : type !== "string" ? "other" : isEmpty ? "tombstone" : "string",
    type,
    ttl: numberIn(ttl),
    bytes: numberIn(bytes),
  };
}

function numberIn(answer: Answer<unknown>): Answer<number> {
  return answer.problem ? answer : { value: Number(answer.value) };
}
