/** Why a server does not serve, from its error reply or from what the connection ran into, with what helps. Pure. */
import { HoldfastError } from "../../errors/index.js";
import type { Remedy } from "./finding.js";

export interface Trouble extends Remedy {
  /** Completes "the server ...". */
  readonly words: string;
}

/** The first match counts. */
const troubles: readonly [RegExp, Trouble][] = [
  [
    /\bLOADING\b/,
    {
      words: "is still loading its data into memory (LOADING)",
      remedy: "Wait until it has: `loading_eta_seconds` in INFO persistence tells how long.",
      commands: ["INFO persistence"],
    },
  ],
  [
    /\bMASTERDOWN\b/,
    {
      words: "is a replica that has lost its primary, and answers nothing until then (MASTERDOWN)",
      remedy: "Connect to the primary, or bring it back. With --sentinel or --cluster, the primary is found by itself.",
    },
  ],
  [
    /\bMISCONF\b/,
    {
      words: "cannot save to its disk, and therefore refuses writes (MISCONF)",
      remedy: "Look at its log: a full disk, or a folder that it may not write to. Then let it save again (BGSAVE).",
      commands: ["BGSAVE"],
    },
  ],
  [
    /\bREADONLY\b|read-only mode/,
    {
      words: "is a replica, which takes no writes (READONLY)",
      remedy: "Connect to the primary. With --sentinel or --cluster, it is found by itself.",
    },
  ],
  [
    /\bNOREPLICAS\b/,
    {
      words: "takes no writes, because it has too few replicas (NOREPLICAS)",
      remedy: "Bring the replicas back, or lower `min-replicas-to-write`.",
    },
  ],
  [
    /(^|-)OOM\b/,
    {
      words: "is out of memory, and evicts nothing (OOM)",
      remedy: "Give it more memory (`maxmemory`), or store less: docs/runbook.md, memory grows.",
    },
  ],
  [
    /^BUSY\b/,
    {
      words: "is running a script that does not end (BUSY)",
      remedy: "SCRIPT KILL ends the script, unless it has written something.",
      commands: ["SCRIPT KILL"],
    },
  ],
  [
    /\bCLUSTERDOWN\b/,
    {
      words: "belongs to a cluster that is down, because some slots have no server (CLUSTERDOWN)",
      remedy: "Bring back the servers that are missing: CLUSTER NODES shows which have failed.",
      commands: ["CLUSTER NODES"],
    },
  ],
  [
    /cluster support disabled/,
    { words: "is not part of a cluster (cluster support disabled)", remedy: "Use --redis in place of --cluster." },
  ],
  [
    /unknown command .?SENTINEL/i,
    { words: "is not a sentinel", remedy: "Name the sentinels, which usually listen on port 26379; or use --redis." },
  ],
  [
    /unknown command .?(SCAN|GET|EVALSHA|EVAL|UNLINK|HGETALL|SET|EXISTS)\b/i,
    {
      words: "has no keys: it is a sentinel, or its commands were renamed",
      remedy: "Name a sentinel with --sentinel mymaster@host:26379, and Redis itself with --redis.",
    },
  ],
  [
    /No such master with that name/,
    {
      words: "does not know this name of a primary",
      remedy: "The name is the one in `sentinel monitor` of sentinel.conf: --sentinel NAME@host:26379.",
    },
  ],
  [
    /max number of clients/,
    {
      words: "accepts no more connections (max number of clients reached)",
      remedy: "End processes that need none, or raise `maxclients`: redis-cli cannot connect either until one is free.",
    },
  ],
  [
    /\bDENIED\b|protected mode/,
    {
      words: "answers its own machine only, because nobody needs a password there (protected mode)",
      remedy: "Give its users passwords (docs/production.md, the Redis user), or connect from its machine.",
    },
  ],
  [
    /\bWRONGPASS\b/,
    {
      words: "refused the password, or has no such user, or this user is off (WRONGPASS)",
      remedy: "Check user and password, in REDIS_URL, or in REDIS_USERNAME and REDIS_PASSWORD.",
    },
  ],
  [
    /\bNOAUTH\b/,
    {
      words: "asks for a password (NOAUTH)",
      remedy: "Give one in REDIS_URL, or in REDIS_PASSWORD, and the user in the same way if it is not `default`.",
    },
  ],
  [
    /Unknown RESP type 21\b/,
    { words: "speaks TLS", remedy: "Write rediss:// in place of redis://; with --sentinel or --cluster, use --tls." },
  ],
  [
    /Unknown RESP type/,
    { words: "is not a Redis: it answers in another protocol", remedy: "Check the address, the port above all." },
  ],
  [
    /wrong version number|packet length too long|EPROTO/i,
    {
      words: "does not speak TLS",
      remedy: "Write redis:// in place of rediss://; with --sentinel or --cluster, omit --tls. Or check the port.",
    },
  ],
];

export function troubleIn(text: string): Trouble | undefined {
  return troubles.find(([pattern]) => pattern.test(text))?.[1];
}

/** The same for an error, from whichever of its causes tells it. */
export function troubleOf(error: unknown): Trouble | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const trouble = HoldfastError.is(at) ? undefined : troubleIn(at.message);
    if (trouble) return trouble;
  }
  return undefined;
}
