/**
 * What the Redis user of an app must be allowed to do, for each feature; the same as docs/production.md lists, which a
 * test compares. Pure.
 */

import { pulseKey } from "../pulse/pulse-keys.js";

export const features = [
  "sessions",
  "hash",
  "hash-ids",
  "durability",
  "near-cache",
  "auth",
  "accounts",
  "sockets",
  "migrate",
  "pulse",
  "cluster",
  "select",
] as const;

/** What an app uses of Holdfast; each needs rights of its own. */
export type Feature = (typeof features)[number];

/** Where the app keeps its keys. */
export interface KeyPlaces {
  /** The option `prefix` of the sessions. */
  readonly prefix: string;
  /** The option `prefix` of `localAuth()` and `RedisAccounts`. */
  readonly authPrefix: string;
  /** The key of the migration's state. */
  readonly moveKey: string;
}

interface Rights {
  /** Patterns without `~`. */
  readonly keys?: (at: KeyPlaces) => string[];
  readonly channels?: (at: KeyPlaces) => string[];
  /** As ACL rules name them, without `+`. */
  readonly commands: string;
}

/** Where the ends of logins are published. */
const ended = ({ authPrefix }: KeyPlaces) => [`${authPrefix}devices:ended`];

const rights: Record<Feature, Rights> = {
  sessions: {
    keys: ({ prefix }) => [`${prefix}*`],
    commands: "get set expire unlink evalsha eval scan ping strlen",
  },
  hash: { commands: "hgetall hget hmget hset hdel hlen hstrlen del" },
  "hash-ids": { commands: "type rename" },
  durability: { commands: "wait" },
  "near-cache": { channels: () => ["__redis__:invalidate"], commands: "client|tracking client|id subscribe exists" },
  auth: {
    keys: ({ authPrefix }) => [`${authPrefix}devices:*`, `${authPrefix}throttle:*`],
    channels: ended,
    commands: "publish hgetall hget hmget hset hsetnx hdel hlen hexists del exists persist ttl pttl incrby",
  },
  accounts: {
    keys: ({ authPrefix }) => ["user:*", "username:*", "email:*"].map((name) => authPrefix + name),
    commands: "hgetall hget hmget hset hdel del exists persist",
  },
  sockets: { channels: ended, commands: "publish subscribe" },
  migrate: {
    keys: ({ moveKey }) => [`${moveKey}*`],
    commands: "hgetall hget hset hdel hincrby sadd srem sismember scard smembers time type ttl",
  },
  pulse: { keys: () => [`${pulseKey}*`], commands: "zadd zremrangebyscore zrange mget time" },
  cluster: { commands: "cluster|slots asking" },
  select: { commands: "select" },
};

/** The rights of these features as rules for `ACL SETUSER`, each once. */
export function rulesFor(used: readonly Feature[], at: KeyPlaces): string[] {
  const rules = used.flatMap((feature) => {
    const { keys, channels, commands } = rights[feature];
    return [
      ...(keys?.(at) ?? []).map((pattern) => `~${pattern}`),
      ...(channels?.(at) ?? []).map((channel) => `&${channel}`),
      ...commands.split(" ").map((command) => `+${command}`),
    ];
  });
  return [...new Set(rules)];
}

/** A command that is only tried with ACL DRYRUN, and the rule that permits it. */
export interface Trial {
  readonly rule: string;
  readonly args: readonly string[];
}

/** One trial for each rule of these features. */
export function trialsFor(used: readonly Feature[], at: KeyPlaces): Trial[] {
  const sessionKey = `${at.prefix}holdfast-doctor`;
  const [channel = ""] = used.flatMap((feature) => rights[feature].channels?.(at) ?? []);
  return rulesFor(used, at).map((rule) => {
    const name = rule.slice(1);
    if (rule.startsWith("~")) return { rule, args: ["GET", name.replace(/\*$/, "holdfast-doctor")] };
    if (rule.startsWith("&")) return { rule, args: ["SUBSCRIBE", name] };
    return { rule, args: [...name.toUpperCase().split("|"), ...argumentsOf(name, sessionKey, channel)] };
  });
}

/** Arguments that make a complete command: ACL DRYRUN checks their number, and the rights for the key or the channel. */
function argumentsOf(command: string, key: string, channel: string): string[] {
  if (command === "subscribe") return [channel];
  return command === "publish" ? [channel, "m"] : (withArguments[command] ?? oneKey)(key);
}

const oneKey = (key: string) => [key];
const none = () => [];
const field = (key: string) => [key, "f"];
const withArguments: Record<string, (key: string) => string[]> = {
  set: (key) => [key, "v"],
  expire: (key) => [key, "1"],
  evalsha: (key) => ["0".repeat(40), "1", key],
  eval: (key) => ["return 1", "1", key],
  scan: () => ["0"],
  ping: none,
  time: none,
  asking: none,
  select: () => ["0"],
  wait: () => ["0", "0"],
  hget: field,
  hmget: field,
  hdel: field,
  hexists: field,
  hstrlen: field,
  sadd: field,
  srem: field,
  sismember: field,
  hset: (key) => [key, "f", "v"],
  hsetnx: (key) => [key, "f", "v"],
  rename: (key) => [key, key],
  hincrby: (key) => [key, "f", "1"],
  incrby: (key) => [key, "1"],
  zadd: (key) => [key, "1", "m"],
  zremrangebyscore: (key) => [key, "0", "1"],
  zrange: (key) => [key, "0", "-1"],
  "client|tracking": () => ["OFF"],
  "client|id": none,
  "cluster|slots": none,
};

/** What nobody needs who only keeps sessions, and with which an attacker could do most. */
export const excessTrials: readonly Trial[] = [
  { rule: "another app's keys", args: ["GET", "holdfast-doctor:the key of another app"] },
  { rule: "FLUSHALL", args: ["FLUSHALL"] },
  { rule: "FLUSHDB", args: ["FLUSHDB"] },
  { rule: "KEYS", args: ["KEYS", "*"] },
  { rule: "CONFIG SET", args: ["CONFIG", "SET", "maxmemory", "0"] },
  { rule: "ACL SETUSER", args: ["ACL", "SETUSER", "holdfast-doctor"] },
  { rule: "SHUTDOWN", args: ["SHUTDOWN"] },
  { rule: "DEBUG", args: ["DEBUG", "SLEEP", "0"] },
  { rule: "MONITOR", args: ["MONITOR"] },
  { rule: "REPLICAOF", args: ["REPLICAOF", "NO", "ONE"] },
  { rule: "MIGRATE", args: ["MIGRATE", "127.0.0.1", "6379", "k", "0", "1"] },
  { rule: "CLIENT KILL", args: ["CLIENT", "KILL", "ID", "0"] },
];
