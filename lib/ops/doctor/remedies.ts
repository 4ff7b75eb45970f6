/** Commands that mend a server, as `redis-cli` takes them, and where they are kept over a restart. Pure. */
import type { NodeFacts } from "./facts/facts.js";
import type { Remedy } from "./finding.js";
import { redisWord } from "./redis-word.js";

type Settings = Pick<NodeFacts, "config" | "info">;

/** Changes a setting of Redis now, and for the next start. `words` begin what is said. */
export function setting({ config, info }: Settings, name: string, value: string, words: string): Remedy {
  // A service that has disabled CONFIG has settings of its own.
  if (config("maxmemory").problem?.kind === "unknown")
    return {
      remedy: `${words} This server does not offer CONFIG: set ${name} to ${value} where the service is set up.`,
    };
  const isKept = Boolean(info.value?.["config_file"]);
  const change = `CONFIG SET ${name} ${redisWord(value)}`;
  if (isKept) return { remedy: `${words} The second command writes it to redis.conf.`, commands: [change, rewrite] };
  return { remedy: `${words} Set it where Redis is started, too: a restart forgets the command.`, commands: [change] };
}

/** Changes a Redis user now, and for the next start. */
export function userChange({ config, info }: Settings, user: string, rules: readonly string[], words: string): Remedy {
  const change = ["ACL SETUSER", ...[user, ...rules].map(redisWord)].join(" ");
  const keep = config("aclfile").value ? "ACL SAVE" : info.value?.["config_file"] ? rewrite : undefined;
  return keep
    ? { remedy: `${words} The second command keeps it over a restart.`, commands: [change, keep] }
    : { remedy: `${words} Change it where Redis is started, too: a restart forgets the command.`, commands: [change] };
}

const rewrite = "CONFIG REWRITE";
