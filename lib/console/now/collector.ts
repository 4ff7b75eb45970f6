/**
 * Looks at all processes every two seconds while somebody watches, and for a quarter of an hour after, so that the charts
 * have a past. All watchers in this process share it.
 */
import { within } from "../../errors/index.js";
import { readPulses, type Pulses } from "../../ops/index.js";
import { readMemory, sumOfMemory, type MemorySum } from "../../ops/redis-memory.js";
import { checkClient, type RedisClient } from "../../redis/index.js";
import { failureWords, type FailureWords } from "../views/failure-words.js";
import { judge, type Judgement } from "./judgement.js";
import { gapAt, pointOf, type Point } from "./point.js";

/** Milliseconds. */
const interval = 2000;
const historyLength = 15 * 60_000;
/** Milliseconds that Redis gets to answer. */
const patience = 1800;

/** What is known now. */
export interface Snapshot {
  readonly judgement: Judgement;
  /** The last that Redis has told. */
  readonly pulses: Pulses | undefined;
  readonly memory: MemorySum | undefined;
  /** When Redis last told it, in milliseconds since 1970. */
  readonly toldAt: number | undefined;
  /** Redis does not answer now, so the rest is old. */
  readonly isOld: boolean;
  readonly point: Point;
}

type Watcher = (snapshot: Snapshot) => void;

export class Collector {
  readonly history: Point[] = [];
  readonly #client: RedisClient;
  readonly #pulseKey: string | undefined;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #latest: Snapshot | undefined;
  #wantedAt = 0;

  constructor(client: object, pulseKey: string | undefined) {
    checkClient(client);
    this.#client = client;
    this.#pulseKey = pulseKey;
  }

  /** What is known now; waits for the first look, and no longer than that takes. */
  async latest(): Promise<Snapshot> {
    this.#keepLooking();
    const age = Date.now() - (this.#latest?.point.at ?? 0) * 1000;
    if (age > 2 * interval) await this.#look();
    return this.#latest!;
  }

  /** Calls `watcher` after each look. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#keepLooking();
    return () => void this.#watchers.delete(watcher);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#watchers.clear();
  }

  #keepLooking(): void {
    this.#wantedAt = Date.now();
    this.#timer ??= setInterval(() => {
      if (this.#watchers.size > 0) this.#wantedAt = Date.now();
      if (Date.now() - this.#wantedAt > historyLength) this.stop();
      else void this.#look();
    }, interval).unref();
  }

  #look(): Promise<void> {
    return (this.#looking ??= this.#lookOnce().finally(() => (this.#looking = undefined)));
  }

  async #lookOnce(): Promise<void> {
    const at = Date.now();
    const before = this.#latest;
    try {
      const asked = [readPulses(this.#client, { key: this.#pulseKey }), readMemory(this.#client, patience)] as const;
      const [pulses, { servers, silent }] = await within(Promise.all(asked), patience);
      // A server may be unable or not allowed to say, and the sum of the others would mislead.
      const memory = silent.length === 0 ? sumOfMemory(servers) : undefined;
      const point = pointOf(at / 1000, pulses, memory);
      const judgement = judge({ pulses, memory, at, isFirst: this.history.length < 2 });
      this.#latest = { judgement, pulses, memory, toldAt: at, isOld: false, point };
    } catch (error) {
      const { pulses, memory, toldAt } = before ?? { pulses: undefined, memory: undefined, toldAt: undefined };
      const words = failureWords(error);
      const point = gapAt(at / 1000, !words.isRefusal);
      this.#latest = { judgement: unanswered(words), pulses, memory, toldAt, isOld: true, point };
    }
    this.#remember(this.#latest.point);
    for (const watcher of this.#watchers) watcher(this.#latest);
  }

  #remember(point: Point): void {
    this.history.push(point);
    const oldest = point.at - historyLength / 1000;
    while (this.history[0] && this.history[0].at < oldest) this.history.shift();
  }
}

function unanswered({ headline, sentence, isRefusal }: FailureWords): Judgement {
  if (isRefusal)
    return { verdict: "warning", headline, sentences: [sentence, "So it cannot say whether all is well."] };
  const old = "What is shown below is old. It goes on by itself when Redis is back.";
  return { verdict: "bad", headline, sentences: [sentence, old] };
}
