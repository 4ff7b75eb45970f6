/** Runs Lua scripts by their SHA-1; the source is sent only if the server has not cached it. */
import { createHash } from "node:crypto";
import type { RedisClient } from "./commands.js";

export interface Script {
  readonly source: string;
  readonly sha1: string;
}

export function defineScript(source: string): Script {
  return { source, sha1: createHash("sha1").update(source).digest("hex") };
}

/** Runs the script; sends the source again if the server has lost it (restart, SCRIPT FLUSH, failover). */
export async function runScript(client: RedisClient, script: Script, keys: string[], args: string[]): Promise<unknown> {
  const options = { keys, arguments: args };
  try {
    return await client.evalSha(script.sha1, options);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("NOSCRIPT")) return client.eval(script.source, options);
    throw error;
  }
}
