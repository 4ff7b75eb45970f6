/** What can be said about a connection of our own: one Redis, Sentinel or Cluster; login, TLS, timeouts. */
import type { ConnectionOptions } from "node:tls";

/** Certificates and names for TLS, as `node:tls` takes them; certificates as text (PEM), not as file names. */
export type RedisTlsOptions = Pick<
  ConnectionOptions,
  | "ca"
  | "cert"
  | "key"
  | "passphrase"
  | "pfx"
  | "servername"
  | "rejectUnauthorized"
  | "checkServerIdentity"
  | "minVersion"
  | "ciphers"
>;

export interface RedisNodeAddress {
  host: string;
  port: number;
}

/** Addresses as the servers know each other, `host:port`, to addresses as this process reaches them. */
export type RedisAddressMap = Record<string, RedisNodeAddress> | ((address: string) => RedisNodeAddress | undefined);

export interface RedisSentinelOptions {
  /** The name under which the sentinels know the primary, as `mymaster`. */
  name: string;
  /** Some of the sentinels; the others are learned from them. */
  nodes: RedisNodeAddress[];
  /** The login at the Redis servers. */
  username?: string;
  password?: string;
  /** The login at the sentinels, where they ask for one. */
  sentinelUsername?: string;
  sentinelPassword?: string;
  /** TLS to servers and sentinels; `true` for the system's certificate authorities. */
  tls?: RedisTlsOptions | boolean;
  nodeAddressMap?: RedisAddressMap;
}

export interface RedisClusterOptions {
  /** Some of the servers; the others are learned from them. */
  nodes: RedisNodeAddress[];
  username?: string;
  password?: string;
  /** TLS to every server; `true` for the system's certificate authorities. */
  tls?: RedisTlsOptions | boolean;
  nodeAddressMap?: RedisAddressMap;
}

export interface RedisConnectionOptions {
  /** As `redis://user:password@host:6379/0`; default: `REDIS_URL`, else the other `REDIS_*` variables, else localhost. */
  url?: string;
  /** Certificates for a `rediss://` address. */
  tls?: RedisTlsOptions;
  /** Instead of `url`: the primary that these sentinels name, whichever server that is at the time. */
  sentinel?: RedisSentinelOptions;
  /** Instead of `url`: a Redis Cluster. */
  cluster?: RedisClusterOptions;
  /** Milliseconds to wait for a connection. Default 5000. */
  connectTimeout?: number;
  /** Milliseconds to wait for the answer to a command. Default 5000. */
  commandTimeout?: number;
}
