/** Figures of INFO, and how much memory there is for Redis. Pure. */
import type { Info } from "../facts/server.js";

export function amount(lines: Info, name: string): number {
  return Number(lines[name] ?? 0);
}

/** What there is at most: `maxmemory`, else the memory of the machine. */
export function roomOf(lines: Info): { room: number; name: string } {
  const [limit, machine] = [amount(lines, "maxmemory"), amount(lines, "total_system_memory")];
  return limit > 0 ? { room: limit, name: "maxmemory" } : { room: machine, name: "the machine's memory" };
}
