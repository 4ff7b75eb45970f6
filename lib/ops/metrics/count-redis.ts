/** Counts the commands and the outages of one client. */
import { guardClient, outageOf, type RedisClient } from "../../redis/index.js";
import { onSignal } from "../on-signal.js";
import type { Instruments } from "./board.js";

/** Returns what ends it. */
export function countRedis(metrics: Instruments, redisClient: RedisClient, client: string): () => void {
  const guarded = guardClient(redisClient);
  const outage = outageOf(redisClient);
  const commands = new Map<string, { observe(value: number): void }>();
  const ofCommand = (command: string) => {
    let known = commands.get(command);
    if (!known) commands.set(command, (known = metrics.commands.labels({ client, command })));
    return known;
  };
  for (const reason of ["silent", "disconnected"]) {
    metrics.outages.inc({ client, reason }, 0);
    metrics.outageSeconds.inc({ client, reason }, 0);
  }
  const stops = [
    onSignal("redis:command", (signal) => {
      if (signal.client !== redisClient) return;
      ofCommand(signal.command).observe(signal.duration / 1000);
      if (signal.error !== undefined) metrics.commandErrors.inc({ client, command: signal.command }, 1);
    }),
    onSignal("redis:unavailable", (signal) => {
      if (signal.client === redisClient) metrics.outages.inc({ client, reason: signal.reason }, 1);
    }),
    onSignal("redis:available", ({ client: of, reason, duration }) => {
      if (of === redisClient) metrics.outageSeconds.inc({ client, reason }, duration / 1000);
    }),
    metrics.inFlight.sample((gauge) => gauge.set({ client }, guarded.inFlight)),
    metrics.up.sample((gauge) => gauge.set({ client }, outage.isOn ? 0 : 1)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
