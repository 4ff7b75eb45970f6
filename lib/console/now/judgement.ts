/** Whether all is well, in a sentence for each thing that is not. Pure. */
import type { Pulses } from "../../ops/index.js";
import { visible } from "../../ops/visible.js";
import { fullFrom, fullness } from "../../ops/fullness.js";
import type { MemorySum } from "../../ops/redis-memory.js";
import { count, milliseconds, percent, seconds } from "../views/amounts.js";
import { hitRatioOf } from "./point.js";

type Verdict = "ok" | "warning" | "bad";

export interface Judgement {
  readonly verdict: Verdict;
  /** Of all of it, in a few words. */
  readonly headline: string;
  readonly sentences: readonly string[];
}

export interface Seen {
  readonly pulses: Pulses;
  readonly memory: MemorySum | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The process has just started to look, and its own pulse may be on the way. */
  readonly isFirst: boolean;
}

/** Fewer requests than this say nothing about a ratio. */
const enough = 50;
/** An outage that ended so many milliseconds ago is still told. */
const recent = 15 * 60_000;

export function judge({ pulses: { processes, sum }, memory, at, isFirst }: Seen): Judgement {
  const bad: string[] = [];
  const warnings: string[] = [];
  const told = (list: string[], isSo: boolean, sentence: () => string) => void (isSo && list.push(sentence()));
  const { counts, eventLoop, find } = sum;
  const hitRatio = hitRatioOf(counts) ?? 100;
  const full = memory ? fullness(memory.fullest) : 0;

  told(bad, sum.withoutRedis > 0, () => `${count(sum.withoutRedis, "process", "processes")} cannot reach Redis.`);
  told(bad, counts.failures > 0, () => `${count(counts.failures, "session operation")} failed just now.`);
  told(bad, full >= fullFrom.bad, () => `Redis is full to ${percent(100 * full)}.`);
  told(
    bad,
    counts.requests >= enough && hitRatio < 80,
    () =>
      `${percent(100 - hitRatio)} of the cookies find no session: are sessions being evicted, or was Redis emptied?`,
  );

  told(warnings, processes.length === 0 && !isFirst, () => "No process has left a pulse. Is the console mounted?");
  told(
    warnings,
    counts.requests >= enough && hitRatio >= 80 && hitRatio < 97,
    () => `${percent(100 - hitRatio)} of the cookies find no session.`,
  );
  told(warnings, counts.refused > 0, () => `${count(counts.refused, "save")} refused: larger than \`maxBytes\`.`);
  told(warnings, full >= fullFrom.warning && full < fullFrom.bad, () => `Redis is full to ${percent(100 * full)}.`);
  told(warnings, (find?.p99 ?? 0) > 100, () => `A session takes ${milliseconds(find!.p99)} to find (p99).`);
  told(
    warnings,
    eventLoop.utilization > 0.9,
    () => `The busiest process is busy for ${percent(100 * eventLoop.utilization)} of the time.`,
  );
  for (const { name, host, pid, redis } of processes) {
    const { lastOutage } = redis;
    if (!lastOutage || !redis.isAvailable || at - lastOutage.at > recent) continue;
    const ago = seconds((at - lastOutage.at) / 1000);
    warnings.push(
      `${visible(`${name} on ${host}`)} (${pid}) was without Redis for ${milliseconds(lastOutage.duration)}, ${ago} ago.`,
    );
  }
  const verdict = bad.length > 0 ? "bad" : warnings.length > 0 ? "warning" : "ok";
  return { verdict, headline: headlines[verdict], sentences: [...bad, ...warnings].slice(0, 6) };
}

const headlines = { ok: "All is well", warning: "Worth a look", bad: "Visitors are affected" };
