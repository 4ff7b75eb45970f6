/** Creates node-redis' client for each kind of connection, configured so that it never hangs and always reconnects. */
import type {
  createClient,
  createCluster,
  createSentinel,
  RedisClientType,
  RedisClusterType,
  RedisSentinelType,
} from "redis";
import { optionInvalid } from "../../errors/index.js";
import type {
  RedisClusterOptions,
  RedisConnectionOptions,
  RedisNodeAddress,
  RedisSentinelOptions,
  RedisTlsOptions,
} from "./connection-options.js";
import { resolveAddress, type RedisSocketAddress, type UrlParser } from "./settings.js";

export type RedisConnectionClient = RedisClientType | RedisClusterType | RedisSentinelType;

/** What is used of `redis`. Not imported here, so that the command can do with less: see `lib/cli/redis/connect.ts`. */
export interface ClientLibrary extends UrlParser {
  readonly createClient: typeof createClient;
  readonly createCluster: typeof createCluster;
  readonly createSentinel: typeof createSentinel;
}

export interface CreatedClient {
  readonly client: RedisConnectionClient;
  /** The address for messages, without user and password. */
  readonly shown: string;
}

/** @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID`, `HOLDFAST_OPTION_INVALID` */
export function createOwnClient(library: ClientLibrary, options: RedisConnectionOptions): CreatedClient {
  const { sentinel, cluster, url } = options;
  if ([sentinel, cluster, url].filter((given) => given != null).length > 1) {
    throw optionInvalid("`url`, `sentinel` and `cluster` exclude each other: use only one of them");
  }
  if (sentinel) return createSentinelClient(library, sentinel, options);
  if (cluster) return createClusterClient(library, cluster, options);
  const { login: credentials, socket: address, shown } = resolveAddress(library, url);
  if (options.tls && !address.tls) {
    throw optionInvalid(
      "`tls` goes with an address that begins with rediss://, and with `sentinel.tls` or `cluster.tls`",
    );
  }
  const socket = { ...tlsOf(options.tls ?? address.tls), ...socketOptions(options), ...withoutTls(address) };
  return {
    client: library.createClient({ socket, ...credentials, ...common(options), commandOptions }),
    shown,
  };
}

function withoutTls({ tls: _apart, ...address }: RedisSocketAddress) {
  return address;
}

function createSentinelClient(
  library: ClientLibrary,
  sentinel: RedisSentinelOptions,
  options: RedisConnectionOptions,
): CreatedClient {
  if (typeof sentinel.name !== "string" || !sentinel.name)
    throw optionInvalid("`sentinel` needs the `name` of the primary");
  const socket = { ...tlsOf(sentinel.tls), ...socketOptions(options) };
  const client = library.createSentinel({
    name: sentinel.name,
    sentinelRootNodes: checkedNodes("sentinel", sentinel.nodes),
    nodeClientOptions: { socket, ...login(sentinel.username, sentinel.password), ...common(options) },
    sentinelClientOptions: {
      socket,
      ...login(sentinel.sentinelUsername, sentinel.sentinelPassword),
      ...common(options),
    },
    commandOptions,
    scanInterval: 5000, // finds the new primary if a sentinel's message was lost
    ...(sentinel.nodeAddressMap && { nodeAddressMap: sentinel.nodeAddressMap }),
  });
  return {
    client,
    shown: `Sentinel ${sentinel.name} (${list(sentinel.nodes)})`,
  };
}

function createClusterClient(
  library: ClientLibrary,
  cluster: RedisClusterOptions,
  options: RedisConnectionOptions,
): CreatedClient {
  const socket = { ...tlsOf(cluster.tls), ...socketOptions(options) };
  const client = library.createCluster({
    rootNodes: checkedNodes("cluster", cluster.nodes).map(({ host, port }) => ({ socket: { host, port } })),
    // Not set on the nodes, because discovered servers do not inherit from them.
    defaults: { socket, ...login(cluster.username, cluster.password), ...common(options) },
    commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: 500,
    ...(cluster.nodeAddressMap && { nodeAddressMap: cluster.nodeAddressMap }),
  });
  return { client, shown: `the cluster at ${list(cluster.nodes)}` };
}

/** The client library's own deadline needs an AbortSignal per command and covers less than ours; see `guardClient`. */
const commandOptions = { timeout: undefined };

/**
 * A silent connection is closed and opened again: it may have been dropped by a firewall, or the server may be frozen
 * or never complete the handshake. A PING is sent before that, so that idle connections stay open. It also keeps
 * firewalls and the server's own `timeout` from closing them.
 */
function common(options: RedisConnectionOptions) {
  return { disableOfflineQueue: true, pingInterval: Math.ceil(silenceAllowed(options) / 2) };
}

function socketOptions(options: RedisConnectionOptions) {
  return {
    connectTimeout: options.connectTimeout ?? 5000,
    socketTimeout: silenceAllowed(options),
    reconnectStrategy: (attempt: number) => reconnectDelay(attempt),
  };
}

/** In milliseconds: longer than any command, and any attempt to connect, may take. */
function silenceAllowed({ commandTimeout, connectTimeout }: RedisConnectionOptions): number {
  return Math.max(commandTimeout ?? 5000, connectTimeout ?? 5000) + 1000;
}

/** Backoff between attempts to reconnect: 50 ms, doubled up to half a second, a third of it at random. */
export function reconnectDelay(attempt: number, random = Math.random): number {
  const full = Math.min(50 * 2 ** Math.min(attempt, 10), 500);
  return Math.round(full - (full / 3) * random());
}

function tlsOf(tls: RedisTlsOptions | boolean | undefined) {
  if (!tls) return {};
  return { tls: true as const, ...(tls === true ? {} : tls) };
}

function login(username: string | undefined, password: string | undefined) {
  return { ...(username && { username }), ...(password && { password }) };
}

function checkedNodes(option: string, nodes: RedisNodeAddress[]): RedisNodeAddress[] {
  const isNode = (node: RedisNodeAddress | undefined) =>
    typeof node?.host === "string" && Number.isInteger(node.port) && node.port > 0;
  if (!Array.isArray(nodes) || nodes.length === 0 || !nodes.every(isNode)) {
    throw optionInvalid(`\`${option}.nodes\` must be a list such as [{ host: "10.0.0.1", port: 6379 }]`);
  }
  return nodes.map(({ host, port }) => ({ host, port }));
}

function list(nodes: RedisNodeAddress[]): string {
  return nodes.map(({ host, port }) => `${host}:${port}`).join(", ");
}
