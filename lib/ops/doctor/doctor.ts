/** Examines a Redis and says what could cost sessions: collects facts, then judges them. Changes nothing. */
import { encryptionKeyNames } from "../../express-session/index.js";
import { defaultKey } from "../../migrate/index.js";
import {
  checkClient,
  guardClient,
  type GuardedClient,
  type RedisClient,
  type RedisSentinelOptions,
  type Server,
} from "../../redis/index.js";
import { checkDoctorOptions } from "./doctor-options.js";
import { aclFacts, whoAmI } from "./facts/acl.js";
import { addressOf } from "./facts/address.js";
import { mapAnswer, spoken } from "./facts/answer.js";
import { Asker } from "./facts/asker.js";
import { connectionFacts } from "./facts/connection.js";
import type { Facts, NodeFacts } from "./facts/facts.js";
import { keyFacts, type KeyFacts } from "./facts/keys.js";
import { moveFacts } from "./facts/move.js";
import { linesOf } from "./facts/replies.js";
import { pingTimes } from "./facts/round-trips.js";
import { sentinelFacts } from "./facts/sentinel.js";
import { serverFacts } from "./facts/server.js";
import type { Finding } from "./finding.js";
import { judgeAll } from "./judge-all.js";
import { features, type Feature, type KeyPlaces } from "./rights.js";

/** What the doctor should know about the app. */
export interface DoctorOptions {
  /** The prefix of session keys: the `prefix` of your store. @default "sess:" */
  prefix?: string | undefined;
  /** The `prefix` of `localAuth()` and `RedisAccounts`. @default "" */
  authPrefix?: string | undefined;
  /** The key of the migration's state: the `key` of your `MigratingStore`. @default "{holdfast:move}" */
  moveKey?: string | undefined;
  /**
   * What the app uses, besides what its keys show: the Redis user then needs rights for it.
   *
   * @default []
   */
  uses?: readonly Feature[] | undefined;
  /** The app's Redis user, if `client` logs in as another one, such as an administrator. @default the user of `client` */
  aclUser?: string | undefined;
  /** Where the sentinels are, to ask them too: the `sentinel` of your store. @default they are not asked */
  sentinel?: RedisSentinelOptions | undefined;
  /** Milliseconds to wait for each reply. @default 2000 */
  commandTimeout?: number | undefined;
  /** Milliseconds for all of it. What has no answer by then is skipped. @default 20000 */
  timeout?: number | undefined;
}

/**
 * Examines the Redis behind `client` (a client such as `redisSession()` takes) and returns one finding for each check, in
 * a fixed order; docs/doctor.md explains them. On a cluster, each primary is asked, and `nodes` names those that a finding
 * is about.
 *
 * It only reads: nothing is written, and no rights are tried out. A server that stops answering costs `commandTimeout`,
 * then its checks are skipped. It sends about 1000 commands, and lists keys for up to 3 seconds.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`, `HOLDFAST_OPTION_INVALID`
 *
 * @example
 * const findings = await doctor(redis.client, { prefix: "sess:" });
 * const bad = findings.filter(({ level }) => level === "bad");
 */
export async function doctor(client: object, options: DoctorOptions = {}): Promise<Finding[]> {
  checkClient(client);
  checkDoctorOptions(options);
  return judgeAll(await collect(client, options));
}

async function collect(client: RedisClient, options: DoctorOptions): Promise<Facts> {
  const { prefix = "sess:", authPrefix = "", moveKey = defaultKey, sentinel } = options;
  const { commandTimeout = 2000, timeout = 20_000 } = options;
  const guard = guardClient(client).withTimeout(commandTimeout);
  const { keyPrefix, kind } = guard;
  const places = { prefix: keyPrefix + prefix, authPrefix: keyPrefix + authPrefix, moveKey: keyPrefix + moveKey };
  const known = connectionFacts(guard.connection(undefined)).user;
  const asker = new Asker(client, { commandTimeout, timeout, user: known });
  const servers = await asker.servers();
  const user = await whoAmI(asker, servers[0], known);
  asker.user = user;
  const [parts, move, sentinels, cluster] = await Promise.all([
    Promise.all(servers.map((server) => nodeParts(guard, asker, server, places))),
    moveFacts(guard, moveKey, user),
    sentinel && sentinelFacts(sentinel, { commandTimeout, timeout }),
    kind === "cluster" ? asker.ask(servers[0], "CLUSTER", "INFO") : undefined,
  ]);
  const seen = {
    kind,
    places,
    encryptionKeys: encryptionKeyNames(),
    move,
    sentinel: sentinels,
    cluster: cluster && mapAnswer(cluster, linesOf),
  };
  const uses = usesOf(parts, seen, options.uses ?? []);
  const question = { user: options.aclUser ?? user, uses, places };
  const nodes = await Promise.all(
    parts.map(async ({ server, ...part }) => {
      const acl = await aclFacts(asker, server, question);
      const unanswered = asker.silences.find((one) => one.server === server)?.problem.command;
      return { ...part, acl, silence: unanswered && spoken(unanswered) };
    }),
  );
  return { ...seen, uses, nodes };
}

type Part = Omit<NodeFacts, "acl" | "silence"> & { server: Server };

async function nodeParts(client: GuardedClient, asker: Asker, server: Server, places: KeyPlaces): Promise<Part> {
  const roundTrips = await pingTimes(asker, server);
  const connection = client.connection(server); // after the first command, by which some libraries connect
  const [facts, keys] = await Promise.all([serverFacts(asker, server), keyFacts(asker, server, places)]);
  const name = addressOf(connection) ?? "Redis";
  return { server, name, connection: connectionFacts(connection), roundTrips, ...facts, keys };
}

/** What the keys show, and what was said. */
function usesOf(
  parts: readonly Part[],
  { kind, move }: Pick<Facts, "kind" | "move">,
  said: readonly Feature[],
): Feature[] {
  const has = (test: (part: Part) => boolean) => parts.some(test);
  const sum = (of: (keys: KeyFacts) => number) => parts.reduce((total, { keys }) => total + of(keys), 0);
  const shown: Partial<Record<Feature, boolean>> = {
    sessions: true,
    hash: has(({ keys }) => keys.sessions.some(({ form }) => form === "hash")),
    // Both kinds of keys: the option is being switched. Before and after, it needs no rights.
    "hash-ids": sum(({ hashed }) => hashed) > 0 && sum(({ counts, hashed }) => counts.session - hashed) > 0,
    auth: has(({ keys }) => keys.counts.devices + keys.counts.throttle > 0),
    accounts: has(({ keys }) => keys.counts.account > 0),
    migrate: has(({ keys }) => keys.counts.move > 0) || (move.value !== undefined && move.value.record.phase !== "off"),
    pulse: has(({ keys }) => keys.counts.pulse > 0),
    cluster: kind === "cluster",
    select: has(({ connection }) => connection.database > 0),
  };
  return features.filter((feature) => shown[feature] || said.includes(feature));
}
