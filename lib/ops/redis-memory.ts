/** How much memory Redis uses, and how much it may use. */
import { guardClient, type RedisClient } from "../redis/index.js";
import { Asker } from "./doctor/facts/asker.js";
import { linesOf } from "./doctor/facts/replies.js";

/** The servers together, in bytes; of a cluster, all primaries. */
export interface RedisMemory {
  readonly used: number;
  /** 0 if at least one server has no limit. */
  readonly limit: number;
  /** From 0 to 1: the share that is used, on the server that is the fullest; undefined without a limit. */
  readonly fullest: number | undefined;
}

/** `undefined` if a server does not say: it does not answer, or the user may not ask. Never rejects. */
export async function redisMemory(client: RedisClient, timeout = 2000): Promise<RedisMemory | undefined> {
  const asker = new Asker(client, { commandTimeout: timeout, timeout, user: "" });
  const answers = await Promise.all(guardClient(client).servers.map((server) => asker.ask(server, "INFO", "memory")));
  const servers: { used: number; limit: number }[] = [];
  for (const answer of answers) {
    if (!("value" in answer)) return undefined;
    const lines = linesOf(answer.value);
    servers.push({ used: Number(lines["used_memory"]), limit: Number(lines["maxmemory"]) });
  }
  return sumOfMemory(servers);
}

/** Pure. */
function sumOfMemory(servers: readonly { used: number; limit: number }[]): RedisMemory | undefined {
  if (servers.length === 0 || servers.some(({ used }) => !Number.isFinite(used))) return undefined;
  const isLimited = servers.every(({ limit }) => limit > 0);
  const shares = servers.filter(({ limit }) => limit > 0).map(({ used, limit }) => used / limit);
  return {
    used: servers.reduce((sum, { used }) => sum + used, 0),
    limit: isLimited ? servers.reduce((sum, { limit }) => sum + limit, 0) : 0,
    fullest: shares.length > 0 ? Math.max(...shares) : undefined,
  };
}
