/** What is used of clients and clusters of ioredis and iovalkey, which is a fork of it. */
import { propertyOf } from "../../errors/index.js";

/** The options of a connection; a cluster has those of its servers in `redisOptions`. */
export interface IoredisOptions {
  readonly keyPrefix?: unknown;
  readonly stringNumbers?: unknown;
  readonly enableAutoPipelining?: unknown;
  readonly scaleReads?: unknown;
  readonly sentinels?: unknown;
  readonly redisOptions?: IoredisOptions;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly tls?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly db?: unknown;
}

export interface IoredisClient {
  /** `wait` (it connects with the first command), `connecting`, `connect`, `ready`, `reconnecting`, `end`, ... */
  readonly status: string;
  readonly options: IoredisOptions;
  /** Its owner has closed it, which takes a moment. */
  readonly manuallyClosing?: boolean;
  /** Sends any command. Only names in small letters are known everywhere, so that keys get their prefix and their server. */
  call(name: string, args: string[]): Promise<unknown>;
  /** The same, with buffers for texts. */
  callBuffer(name: string, args: string[]): Promise<unknown>;
  /** The same kind of client, with some other options. */
  duplicate(options: object): IoredisClient;
  connect(): Promise<unknown>;
  disconnect(): void;
  subscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number; unref?(): void };
}

/** What a cluster has besides. */
export interface IoredisCluster extends IoredisClient {
  /** For each slot the addresses of the primary and of its replicas, `host:port`. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role: "all" | "master"): readonly IoredisClient[];
}

export function isIoredis(client: object & { status?: unknown; options?: unknown }): client is IoredisClient {
  const needed = ["get", "set", "unlink", "evalsha", "hgetall", "call", "callBuffer", "duplicate", "pipeline"];
  return (
    typeof client.status === "string" &&
    typeof client.options === "object" &&
    needed.every((name) => typeof propertyOf(client, name) === "function")
  );
}

export function isIoredisCluster(client: IoredisClient): client is IoredisCluster {
  return "slots" in client && typeof propertyOf(client, "nodes") === "function";
}

/**
 * The client as this package has to use it. In a cluster, automatic pipelines group scripts by the wrong slot in many
 * versions and then fail, and replicas (`scaleReads`) do not have at once what was written. Both are left to the app.
 */
export function asNeeded(client: IoredisClient): IoredisClient {
  if (!isIoredisCluster(client)) return client;
  const { enableAutoPipelining, scaleReads = "master" } = client.options;
  if (!enableAutoPipelining && scaleReads === "master") return client;
  return withOptions(client, { enableAutoPipelining: false, scaleReads: "master" });
}

/** The same client, with keys as they are in Redis. */
export function withoutPrefix(client: IoredisClient): IoredisClient {
  return withOptions(client, { enableAutoPipelining: false, keyPrefix: "" });
}

/** The same client, with other options for what is sent through it: its methods read them at each call. */
function withOptions(client: IoredisClient, changed: IoredisOptions): IoredisClient {
  const options = { ...client.options, ...changed };
  return new Proxy(client, {
    get: (target, name) => (name === "options" ? options : Reflect.get(target, name)),
  });
}
