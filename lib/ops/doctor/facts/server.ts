/** What a server says about itself: INFO, its settings, its slow log. */
import { mapAnswer, type Answer, type Problem } from "./answer.js";
import type { Server } from "../../../redis/index.js";
import type { Asker } from "./asker.js";
import { linesOf, mapOf } from "./replies.js";

/** INFO or CLUSTER INFO, by the names of its lines. */
export type Info = Readonly<Record<string, string>>;

/** Never `requirepass`. */
const settings = [
  "aclfile",
  "appendfsync",
  "bind",
  "cluster-require-full-coverage",
  "maxclients",
  "maxmemory",
  "maxmemory-policy",
  "min-replicas-to-write",
  "protected-mode",
  "save",
  "slowlog-log-slower-than",
  "tcp-keepalive",
  "timeout",
  "tracking-table-max-keys",
] as const;

export interface SlowCommand {
  /** Only its name: arguments contain session ids. */
  readonly command: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
}

export interface ServerFacts {
  readonly info: Answer<Info>;
  config(name: string): Answer<string>;
  readonly slow: Answer<readonly SlowCommand[]>;
}

export async function serverFacts(asker: Asker, server: Server): Promise<ServerFacts> {
  const [info, slow, ...values] = await Promise.all([
    asker.ask(server, "INFO"),
    asker.ask(server, "SLOWLOG", "GET", "128"),
    // One by one, because Redis 6 takes one name only.
    ...settings.map((name) => asker.ask(server, "CONFIG", "GET", name)),
  ]);
  const config = new Map<string, Answer<string>>();
  for (const [i, name] of settings.entries()) {
    const value = mapAnswer(values[i]!, (reply) => mapOf(reply)[name]);
    config.set(name, value.problem ? value : value.value === undefined ? notThere : { value: String(value.value) });
  }
  return {
    info: mapAnswer(info, linesOf),
    config: (name) => config.get(name) ?? notThere,
    slow: mapAnswer(slow, (reply) => (Array.isArray(reply) ? reply.flatMap(slowCommand) : [])),
  };
}

/** An older server, or another one, without this setting. */
const notThere: { problem: Problem } = {
  problem: { kind: "unknown", command: "config|get", words: "", text: "", user: "" },
};

function slowCommand(entry: unknown): SlowCommand[] {
  if (!Array.isArray(entry) || !Array.isArray(entry[3])) return [];
  const command = String(entry[3][0]).toUpperCase().slice(0, 20);
  return [{ command, at: Number(entry[1]) * 1000, took: Number(entry[2]) / 1000 }];
}
