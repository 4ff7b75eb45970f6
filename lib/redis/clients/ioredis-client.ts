/** What is used of clients and clusters of ioredis and iovalkey, which is a fork of it. */
import { propertyOf } from "../../errors/index.js";

/** The options of a connection; a cluster has those of its servers in `redisOptions`. */
export interface IoredisOptions {
  readonly keyPrefix?: unknown;
  readonly stringNumbers?: unknown;
  readonly enableAutoPipelining?: unknown;
  readonly enableOfflineQueue?: unknown;
  readonly scaleReads?: unknown;
  readonly sentinels?: unknown;
  readonly role?: unknown;
  readonly monitor?: unknown;
  readonly redisOptions?: IoredisOptions;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly tls?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly db?: unknown;
}

/** A command that is under way. */
export interface IoredisCommand {
  /** Called when it is written to a socket. */
  toWritable(...args: unknown[]): unknown;
  reject(error: Error): void;
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
  /** What both lead to. */
  sendCommand(command: IoredisCommand, ...rest: unknown[]): unknown;
  /** After a lost connection: what was under way, and is sent again. */
  readonly prevCommandQueue?: IoredisQueue | null;
  /** The same kind of client, with some other options. */
  duplicate(options: object): IoredisClient;
  connect(): Promise<unknown>;
  disconnect(): void;
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
  readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number; unref?(): void };
}

interface IoredisQueue {
  readonly length: number;
  peekAt(index: number): { readonly command: IoredisCommand } | undefined;
  removeOne(index: number): unknown;
}

/** What a cluster has besides. */
export interface IoredisCluster extends IoredisClient {
  /** For each slot the addresses of the primary and of its replicas, `host:port`. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role: "all" | "master"): readonly IoredisClient[];
}

export function isIoredis(client: object & { status?: unknown; options?: unknown }): client is IoredisClient {
  const needed = [
    "get",
    "set",
    "unlink",
    "evalsha",
    "hgetall",
    "call",
    "callBuffer",
    "sendCommand",
    "duplicate",
    "pipeline",
  ];
  return (
    typeof client.status === "string" &&
    typeof client.options === "object" &&
    needed.every((name) => typeof propertyOf(client, name) === "function") &&
    !isIoredisMock(client)
  );
}

/** It runs no scripts as Redis does, and has no connection that could fail. */
export function isIoredisMock(client: object): boolean {
  return "_initCommands" in client || "createConnectedClient" in client;
}

export function isIoredisCluster(client: IoredisClient): client is IoredisCluster {
  return "slots" in client && typeof propertyOf(client, "nodes") === "function";
}

/** A sentence about settings with which it serves no sessions, or old ones; `undefined` if there are none. */
export function unfitIoredis(client: IoredisClient): string | undefined {
  const { monitor, role, scaleReads = "master", sentinels } = client.options;
  if (monitor) return "This one is a monitor (`monitor`), which takes no commands: pass the client itself.";
  if (sentinels && role === "slave") {
    return 'This one is connected to a replica (`role: "slave"`), which takes no changes: create one without it for sessions.';
  }
  if (isIoredisCluster(client) && scaleReads !== "master" && !passesThis(client)) {
    return (
      "This one is wrapped and reads from replicas (`scaleReads`), which do not have at once what was written: pass the " +
      "client itself, or create one without `scaleReads` for sessions."
    );
  }
  return undefined;
}

/** Whether its methods are those of its class, so that they see the options that they are called with. */
function passesThis(client: IoredisClient): boolean {
  return Reflect.get(Object(Object.getPrototypeOf(client)), "call") === client.call;
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
