/** Options of a connection that Holdfast opens: one Redis, Sentinel or Cluster; login, TLS, timeouts. */
import type { ConnectionOptions } from "node:tls";

/** TLS options of `node:tls`; certificates as text (PEM), not as file names. */
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
  /** A host name or an IP address. */
  host: string;
  /** The number of its TCP port, such as 6379. */
  port: number;
}

/** Maps the addresses by which the servers know each other, `host:port`, to those that this process can reach. */
export type RedisAddressMap = Record<string, RedisNodeAddress> | ((address: string) => RedisNodeAddress | undefined);

export interface RedisSentinelOptions {
  /** The name by which the sentinels know the primary, such as `mymaster`. */
  name: string;
  /** Some of the sentinels; the others are discovered through them. */
  nodes: RedisNodeAddress[];
  /** The login for the Redis servers. @default the user `default` */
  username?: string | undefined;
  /** @default none */
  password?: string | undefined;
  /** The login for the sentinels, if they require one. @default the user `default` */
  sentinelUsername?: string | undefined;
  /** @default none */
  sentinelPassword?: string | undefined;
  /** TLS for servers and sentinels; `true` uses the system's certificate authorities. @default no TLS */
  tls?: RedisTlsOptions | boolean | undefined;
  /** @default the addresses that the servers tell */
  nodeAddressMap?: RedisAddressMap | undefined;
}

export interface RedisClusterOptions {
  /** Some of the servers; the others are discovered through them. */
  nodes: RedisNodeAddress[];
  /** The login for the servers. @default the user `default` */
  username?: string | undefined;
  /** @default none */
  password?: string | undefined;
  /** TLS for every server; `true` uses the system's certificate authorities. @default no TLS */
  tls?: RedisTlsOptions | boolean | undefined;
  /** @default the addresses that the servers tell */
  nodeAddressMap?: RedisAddressMap | undefined;
}

/** What applies to every connection, wherever Redis is. For types that extend the options of a connection. */
export interface RedisConnectionOptionsBase {
  /** Milliseconds to wait for a connection. @default 5000 */
  connectTimeout?: number | undefined;
  /** Milliseconds to wait for the reply to a command. @default 5000 */
  commandTimeout?: number | undefined;
}

/** One server. */
export interface RedisAtUrl {
  /**
   * The address, such as `redis://user:password@host:6379/0`.
   *
   * @default `REDIS_URL`, else the other `REDIS_*` variables, else `redis://127.0.0.1:6379`
   */
  url?: string | undefined;
  /** Certificates for a `rediss://` address. @default the system's certificate authorities */
  tls?: RedisTlsOptions | undefined;
  sentinel?: undefined;
  cluster?: undefined;
}

/** The current primary according to Sentinel. */
export interface RedisAtSentinel {
  /** Instead of `url`: the current primary according to these sentinels. */
  sentinel: RedisSentinelOptions;
  url?: undefined;
  /** Belongs in `sentinel`. */
  tls?: undefined;
  cluster?: undefined;
}

/** A Redis Cluster. */
export interface RedisAtCluster {
  /** Instead of `url`: a Redis Cluster. */
  cluster: RedisClusterOptions;
  url?: undefined;
  /** Belongs in `cluster`. */
  tls?: undefined;
  sentinel?: undefined;
}

/** Where Redis is, in one of three ways, and how long to wait for it. */
export type RedisConnectionOptions = RedisConnectionOptionsBase & (RedisAtUrl | RedisAtSentinel | RedisAtCluster);
