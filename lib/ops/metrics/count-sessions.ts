/** Counts what happens to the sessions of one store. */
import { HoldfastError } from "../../errors/index.js";
import type { FailedSignal, Operation } from "../../signals/index.js";
import { listenerOf } from "../own-signals.js";
import type { Instruments } from "./board.js";

export interface CountedStore {
  /** The stores whose signals count: the middleware's, and the one in Redis behind it. */
  readonly stores: readonly (object | undefined)[];
  readonly hasNearCache: boolean;
}

/** Returns what ends it. */
export function countSessions(metrics: Instruments, { stores, hasNearCache }: CountedStore, store: string): () => void {
  const on = listenerOf(stores);
  const found = {
    store: metrics.found.labels({ store, source: "store" }),
    memory: metrics.found.labels({ store, source: "memory" }),
  };
  const lookups = hasNearCache && {
    hit: metrics.nearCache.labels({ store, result: "hit" }),
    miss: metrics.nearCache.labels({ store, result: "miss" }),
  };
  const saves = (outcome: string) => metrics.saves.labels({ store, outcome });
  const [saved, merged, unchanged, gone, tooLarge] = ["saved", "merged", "unchanged", "gone", "too_large"].map(saves);
  const missing = metrics.missing.labels({ store });
  const unreadable = metrics.unreadable.labels({ store });
  const rounds = metrics.mergeRounds.labels({ store });
  const touches = metrics.touches.labels({ store });
  const destroys = metrics.destroys.labels({ store });
  // A series that appears with its first event has no rate for it.
  const counters = [...Object.values(found), saved, merged, unchanged, gone, tooLarge];
  for (const one of [...counters, missing, unreadable, rounds, touches, destroys, ...Object.values(lookups || {})])
    one!.inc(0);

  const observe = (operation: Operation) => metrics.operations.labels({ store, operation });
  const took = { find: observe("find"), save: observe("save"), touch: observe("touch"), destroy: observe("destroy") };
  const seconds = ({ duration }: { readonly duration: number }) => duration / 1000;

  const stops = [
    on("session:found", (signal) => {
      found[signal.from].inc();
      if (lookups) lookups[signal.from === "memory" ? "hit" : "miss"].inc();
      if (signal.from === "store") took.find.observe(seconds(signal));
    }),
    on("session:missing", (signal) => {
      missing.inc();
      if (lookups) lookups.miss.inc();
      took.find.observe(seconds(signal));
    }),
    on("session:unreadable", () => unreadable.inc()),
    on("session:saved", (signal) => {
      (signal.rounds > 0 ? merged : saved)!.inc();
      if (signal.rounds > 0) rounds.inc(signal.rounds);
      took.save.observe(seconds(signal));
    }),
    on("session:unchanged", () => unchanged!.inc()),
    on("session:gone", (signal) => {
      gone!.inc();
      took.save.observe(seconds(signal));
    }),
    on("session:touched", (signal) => {
      touches.inc();
      took.touch.observe(seconds(signal));
    }),
    on("session:destroyed", (signal) => {
      destroys.inc();
      took.destroy.observe(seconds(signal));
    }),
    on("session:too-large", () => tooLarge!.inc()),
    on("session:failed", (signal) => {
      metrics.failures.inc({ store, operation: signal.operation, ...failureLabels(signal) }, 1);
      took[signal.operation].observe(seconds(signal));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** From the closed lists of codes and reasons; an app's own store throws whatever it likes. */
function failureLabels({ error }: FailedSignal): { code: string; reason: string } {
  if (!HoldfastError.is(error)) return { code: "other", reason: "none" };
  return { code: error.code, reason: error.reason ?? "none" };
}
