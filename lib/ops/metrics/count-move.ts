/** Counts the copies of a migration, and shows its state. */
import type { MigratingStore } from "../../migrate/index.js";
import { listenerOf } from "../own-signals.js";
import type { Instruments } from "./board.js";

const phases = ["off", "moving", "finished"] as const;

/** Returns what ends it. */
export function countMove(metrics: Instruments, migrating: MigratingStore, store: string): () => void {
  const { mirrored } = metrics;
  const copies = (["legacy", "redis"] as const).flatMap((to) =>
    (["copied", "missed"] as const).map((result) => ({ store, to, result })),
  );
  for (const labels of copies) mirrored.inc(labels, 0);
  const on = listenerOf([migrating]);
  const stops = [
    on("move:mirrored", ({ to, isCopied }) => {
      mirrored.inc({ store, to, result: isCopied ? "copied" : "missed" }, 1);
    }),
    metrics.phase.sample((gauge) => {
      for (const phase of phases) gauge.set({ store, phase }, migrating.state.phase === phase ? 1 : 0);
    }),
    metrics.dial.sample((gauge) => gauge.set({ store }, migrating.state.dial / 100)),
    metrics.pending.sample((gauge) => gauge.set({ store }, migrating.mirror.pending)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
