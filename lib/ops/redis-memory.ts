/** How much memory Redis uses, of how much: one server, or the primaries of a cluster. */
import { addressOf } from "./doctor/facts/address.js";
import { mapAnswer, type Problem } from "./doctor/facts/answer.js";
import { Asker } from "./doctor/facts/asker.js";
import { linesOf } from "./doctor/facts/replies.js";
import { fullness } from "./fullness.js";
import { guardClient, type RedisClient } from "../redis/index.js";

export interface ServerMemory {
  /** `host:port` */
  readonly server: string;
  /** In bytes. */
  readonly used: number;
  /** `maxmemory` in bytes; 0 if there is no limit. */
  readonly limit: number;
}

export interface RedisMemory {
  /** Those that have answered. */
  readonly servers: readonly ServerMemory[];
  /** Why others have not, one for each. */
  readonly silent: readonly Problem["kind"][];
}

/** Never rejects. */
export async function readMemory(client: RedisClient, timeout: number): Promise<RedisMemory> {
  const asker = new Asker(client, { commandTimeout: timeout, timeout, user: "" });
  const guard = guardClient(client);
  const servers = await asker.servers();
  const answers = await Promise.all(
    servers.map(async (server) => {
      const answer = await asker.ask(server, "INFO", "memory");
      const name = addressOf(guard.connection(server)) ?? "Redis";
      return mapAnswer(answer, (reply) => memoryOf(name, linesOf(reply)));
    }),
  );
  return {
    servers: answers.flatMap(({ value }) => value ?? []),
    silent: answers.flatMap(({ problem }) => problem?.kind ?? []),
  };
}

function memoryOf(server: string, lines: Readonly<Record<string, string>>): ServerMemory {
  return { server, used: Number(lines["used_memory"]), limit: Number(lines["maxmemory"] ?? 0) };
}

export interface MemorySum {
  readonly used: number;
  /** 0 if a server has no limit. */
  readonly limit: number;
  /** The one with the largest share of its limit in use; if none has a limit, with the most. */
  readonly fullest: ServerMemory;
}

/** `undefined` if no server has answered. */
export function sumOfMemory(servers: readonly ServerMemory[]): MemorySum | undefined {
  const [fullest] = servers.toSorted((a, b) => fullness(b) - fullness(a) || b.used - a.used);
  if (!fullest) return undefined;
  const total = (of: (one: ServerMemory) => number) => servers.reduce((sum, one) => sum + of(one), 0);
  const isLimited = servers.every(({ limit }) => limit > 0);
  return { used: total(({ used }) => used), limit: isLimited ? total(({ limit }) => limit) : 0, fullest };
}
