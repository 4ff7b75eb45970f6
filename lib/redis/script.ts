/** Runs Lua scripts by their SHA-1; the source is sent only if the server has not cached it. */
import { createHash } from "node:crypto";
import type { ScriptRunner } from "./commands.js";

export interface Script<Reply = unknown> {
  readonly source: string;
  readonly sha1: string;
  /** What it returns; only for the types. */
  readonly reply?: Reply;
}

export function defineScript<Reply = unknown>(source: string): Script<Reply> {
  return { source, sha1: createHash("sha1").update(source).digest("hex") };
}

/** Runs the script; sends the source again if the server has lost it (restart, SCRIPT FLUSH, failover). */
export async function runScript<Reply>(
  client: ScriptRunner,
  script: Script<Reply>,
  keys: string[],
  args: string[],
): Promise<Reply> {
  const options = { keys, arguments: args };
  let reply: unknown;
  try {
    reply = await client.evalSha(script.sha1, options);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    reply = await client.eval(script.source, options);
  }
  return reply as Reply; // as the script is defined; the client cannot know
}
