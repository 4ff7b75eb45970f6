/** node-redis' client for each kind of connection, set up so that it is never stuck and comes back by itself. */
import {
  createClient,
  createCluster,
  createSentinel,
  type RedisClientType,
  type RedisClusterType,
  type RedisSentinelType,
} from "redis";
import { codes, HoldfastError } from "../errors/index.js";
import type {
  RedisClusterOptions,
  RedisConnectionOptions,
  RedisNodeAddress,
  RedisSentinelOptions,
  RedisTlsOptions,
} from "./connection-options.js";
import { resolveAddress } from "./settings.js";

export type RedisConnectionClient = RedisClientType | RedisClusterType | RedisSentinelType;

export interface CreatedClient {
  readonly client: RedisConnectionClient;
  /** The address for messages, without user and password. */
  readonly shown: string;
}

/** @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID`, `HOLDFAST_OPTION_INVALID` */
export function createOwnClient(options: RedisConnectionOptions): CreatedClient {
  const { sentinel, cluster, url } = options;
  if ([sentinel, cluster, url].filter((given) => given != null).length > 1) {
    throw invalid("`url`, `sentinel` and `cluster` exclude each other: give one of them");
  }
  if (sentinel) return createSentinelClient(sentinel, options);
  if (cluster) return createClusterClient(cluster, options);
  const { url: address, shown } = resolveAddress(url);
  if (options.tls && !address.startsWith("rediss:")) {
    throw invalid("`tls` goes with an address that begins with rediss://, and with `sentinel.tls` or `cluster.tls`");
  }
  const socket = { ...tlsOf(options.tls), ...socketOptions(options) };
  return {
    client: createClient({ url: address, socket, ...common(options), commandOptions }) as RedisClientType,
    shown,
  };
}

function createSentinelClient(sentinel: RedisSentinelOptions, options: RedisConnectionOptions): CreatedClient {
  if (typeof sentinel.name !== "string" || !sentinel.name) throw invalid("`sentinel` needs the `name` of the primary");
  const socket = { ...tlsOf(sentinel.tls), ...socketOptions(options) };
  const client = createSentinel({
    name: sentinel.name,
    sentinelRootNodes: checkedNodes("sentinel", sentinel.nodes),
    nodeClientOptions: { socket, ...login(sentinel.username, sentinel.password), ...common(options) } as never,
    sentinelClientOptions: {
      socket,
      ...login(sentinel.sentinelUsername, sentinel.sentinelPassword),
      ...common(options),
    } as never,
    commandOptions,
    scanInterval: 5000, // a message of a sentinel can be lost; then this finds the new primary
    ...(sentinel.nodeAddressMap && { nodeAddressMap: sentinel.nodeAddressMap }),
  });
  return {
    client: client as unknown as RedisSentinelType,
    shown: `Sentinel ${sentinel.name} (${list(sentinel.nodes)})`,
  };
}

function createClusterClient(cluster: RedisClusterOptions, options: RedisConnectionOptions): CreatedClient {
  const socket = { ...tlsOf(cluster.tls), ...socketOptions(options) };
  const client = createCluster({
    rootNodes: checkedNodes("cluster", cluster.nodes).map(({ host, port }) => ({ socket: { host, port } })),
    // Not on the nodes: the servers that are discovered inherit nothing from them.
    defaults: { socket, ...login(cluster.username, cluster.password), ...common(options) } as never,
    commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: 500,
    ...(cluster.nodeAddressMap && { nodeAddressMap: cluster.nodeAddressMap }),
  });
  return { client: client as unknown as RedisClusterType, shown: `the cluster at ${list(cluster.nodes)}` };
}

/** The client library's own deadline costs an AbortSignal a command and covers less than ours: see `guardClient`. */
const commandOptions = { timeout: undefined } as unknown as { timeout: number };

/**
 * A connection on which nothing moves is given up and made anew: one that a firewall has dropped, a frozen server, a
 * server that takes connections and never says hello. So that an idle one is not given up, a PING goes over it before;
 * that also keeps firewalls and the server's own `timeout` from closing it.
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

/** Longer than any command may take, and than a connection may take to be made. */
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
    throw invalid(`\`${option}.nodes\` must be a list such as [{ host: "10.0.0.1", port: 6379 }]`);
  }
  return nodes.map(({ host, port }) => ({ host, port }));
}

function list(nodes: RedisNodeAddress[]): string {
  return nodes.map(({ host, port }) => `${host}:${port}`).join(", ");
}

function invalid(what: string): HoldfastError {
  return new HoldfastError(codes.OPTION_INVALID, `The option ${what}.`);
}
