/** Every client library that the option `client` takes, and how an app opens and closes its clients. */
import { GlideClient, GlideClusterClient, Logger } from "@valkey/valkey-glide";
import * as ioredis6 from "ioredis";
import * as ioredis5 from "ioredis5";
import * as iovalkey from "iovalkey";
import * as redis6 from "redis";
import * as redis4 from "redis4";
import * as redis5 from "redis5";

interface Address {
  host: string;
  port: number;
}

interface Login {
  username: string;
  password: string;
}

export interface Driver {
  readonly name: string;
  /** A client of one server; it connects again by itself. */
  single(port: number, options?: object & { login?: Login }): Promise<any>;
  cluster(nodes: Address[], options?: object): Promise<any>;
  /** The rights that it needs to connect, besides those that docs/production.md lists for all. */
  readonly needs: string[];
  /** Whether changes can be announced to it. */
  readonly hasNearCache: boolean;
  /** The options for database 3 and a name of the connection. */
  readonly named: object;
  /** With this option, an app reads from the replicas of a cluster. */
  readonly readingReplicas: object;
  sentinel?(name: string, nodes: Address[]): Promise<any>;
  /** What the app does at its end. */
  close(client: any): Promise<void>;
}

const host = "127.0.0.1";
Logger.setLoggerConfig("off"); // each script that Redis does not know yet would be a warning

function nodeRedis(name: string, library: any): Driver {
  const opened = async (client: any) => {
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  return {
    name,
    needs: [],
    hasNearCache: "createSentinel" in library,
    named: { database: 3, name: "shop" },
    readingReplicas: { useReplicas: true },
    single: (port, { login, ...options } = {}) =>
      opened(library.createClient({ socket: { host, port, reconnectStrategy: 20 }, ...login, ...options })),
    cluster: (nodes, options) =>
      opened(library.createCluster({ rootNodes: nodes.map((socket) => ({ socket: { ...socket } })), ...options })),
    ...(library.createSentinel && {
      sentinel: (of: string, nodes: Address[]) =>
        opened(library.createSentinel({ name: of, sentinelRootNodes: nodes, scanInterval: 1000 })),
    }),
    async close(client) {
      if (client.isOpen) await (client.destroy ? client.destroy() : client.disconnect());
    },
  };
}

function ioredis(name: string, { Redis, Cluster }: any): Driver {
  const opened = async (client: any) => {
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const usual = { lazyConnect: true, retryStrategy: () => 20 };
  return {
    name,
    needs: [],
    hasNearCache: true,
    named: { db: 3, connectionName: "shop" },
    readingReplicas: { scaleReads: "slave" },
    single: (port, { login, ...options } = {}) => opened(new Redis({ host, port, ...usual, ...login, ...options })),
    cluster: (nodes, options) => opened(new Cluster(nodes, { lazyConnect: true, ...options })),
    sentinel: (of, nodes) => opened(new Redis({ sentinels: nodes, name: of, ...usual })),
    async close(client) {
      client.disconnect();
    },
  };
}

const glide: Driver = {
  name: "valkey-glide",
  needs: ["+info"],
  hasNearCache: false,
  named: { databaseId: 3, clientName: "shop" },
  readingReplicas: { readFrom: "preferReplica" },
  single: (port, { login, ...options } = {}) =>
    GlideClient.createClient({
      addresses: [{ host, port }],
      requestTimeout: 5000,
      ...(login && { credentials: login }),
      ...options,
    }),
  cluster: (addresses, options) => GlideClusterClient.createClient({ addresses, requestTimeout: 5000, ...options }),
  async close(client) {
    client.close();
  },
};

export const drivers: Driver[] = [
  nodeRedis("redis 4", redis4),
  nodeRedis("redis 5", redis5),
  nodeRedis("redis 6", redis6),
  ioredis("ioredis 5", ioredis5),
  ioredis("ioredis 6", ioredis6),
  ioredis("iovalkey", iovalkey),
  glide,
];
