/**
 * What this package needs of a client, whatever library it is from. An adapter only translates: it has no deadlines,
 * retries or memory of failures, which are the guard's.
 */
import type { RedisCommands, ScanStep, ScanStepOptions } from "../commands.js";

/** A server of a cluster, always as the same object; `undefined` where there is only one server. */
export type Server = object | undefined;

export interface ClientAdapter {
  readonly kind: "single" | "pool" | "sentinel" | "cluster";
  /** Everything that is sent by key. For a client of node-redis 5 and later, that is the client itself. */
  readonly commands: RedisCommands;
  /** False before its owner has opened it, and once its owner has closed it. */
  readonly isOpen: boolean;
  /** What its owner has to do if it is not open; completes "is not connected: ...". */
  readonly howToOpen: string;
  /**
   * What the client itself puts in front of every key that is passed to it. Keys in replies, patterns and announcements
   * have it, and it counts for the slot.
   */
  readonly keyPrefix: string;

  /** The server that holds a key, as far as it is known without asking. Absent where there is only one. */
  readonly serverOf?: ((key: string) => Server) | undefined;
  /** All servers that hold keys, `[undefined]` where there is only one; `undefined` if that has to be asked. */
  readonly servers: readonly Server[] | undefined;
  /** Asks for all servers that hold keys. */
  findServers?(): Promise<readonly Server[]>;
  /** Sends any command to one of the servers. Its reply has the form of RESP2: lists of texts and numbers. */
  send(server: Server, args: string[]): Promise<unknown>;
  /** One step of an iteration over the keys of one of the servers. */
  scan(server: Server, cursor: string, options: ScanStepOptions): Promise<ScanStep>;

  /** HGETALL as a list: name, value, name, value, ... An object would lose a field named `__proto__`. */
  fieldsOf(key: string): Promise<unknown[]>;
  /** WAIT on the connection that writes `key`: how many replicas have its writes. */
  wait(key: string, replicas: number, timeout: number): Promise<unknown>;
  /** Why `wait` would not tell the truth; completes "The option `durability` does not work with ". */
  readonly cannotWait?: string | undefined;

  /**
   * The library's error as this package reads it: an error reply begins with its kind, as the server has sent it, and no
   * error carries the arguments of a command. Absent if all are so.
   */
  readonly failure?: ((error: unknown) => unknown) | undefined;

  /**
   * Opens a connection of its own that receives the messages of one channel. It does not reconnect: whoever needs it
   * opens another one, and knows that messages were lost meanwhile. Absent if this client cannot open one.
   */
  readonly receive?: ((options: ReceiverOptions) => Promise<Receiver>) | undefined;

  /** What the client knows about its connection to a server; sends nothing. */
  connection(server: Server): Connection;
  /** How changes are announced to a client with one connection. Without this and `broadcaster` there is no near cache. */
  readonly announcer?: Announcer | undefined;
  /** How they are announced if it has several connections, or none that could be tracked. */
  readonly broadcaster?: Broadcaster | undefined;
}

export interface Receiver {
  close(): void;
}

export interface ReceiverOptions {
  readonly channel: string;
  onMessage(message: string): void;
  /** It receives nothing any more. Called at most once, and only after it was opened. */
  onLost(): void;
}

/** Where a server is, and how the client logs in there. */
export interface Connection {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Of a socket file. */
  readonly path?: string | undefined;
  /** `undefined`: not visible from outside, as with a pool. */
  readonly tls: boolean | undefined;
  /** Whether the client logs in. */
  readonly hasPassword: boolean | undefined;
  readonly user: string | undefined;
  readonly database: number;
}

/**
 * How changes are announced (`CLIENT TRACKING ON REDIRECT`): a second connection receives what the server announces
 * about the keys that the serving connection has read.
 */
export interface Announcer {
  /** The serving connection takes commands now. */
  readonly isReady: boolean;
  /** Sends a command on the serving connection itself. */
  send(args: string[]): Promise<unknown>;
  /**
   * `onReady` is called whenever the serving connection is ready again, `onLost` whenever it may be another one. Returns
   * what ends that.
   */
  watch(onReady: () => void, onLost: () => void): () => void;
  /** A second connection with the settings of the client. `onLost` may be called more than once. */
  listener(onLost: () => void): AnnouncementListener;
}

/** How all changes are announced (`CLIENT TRACKING ON BCAST`): each server gets a connection for it. */
export interface Broadcaster {
  /** A connection to one of the client's servers, with its settings. `onLost` may be called more than once. */
  listener(server: Server, onLost: () => void): Promise<AnnouncementListener>;
  /** `onMoved` is called whenever the client leads to another server without telling it apart, as with sentinels. Returns what ends that. */
  watch(onMoved: () => void): () => void;
}

export interface AnnouncementListener {
  readonly isReady: boolean;
  /** Connects once; does not reconnect. */
  connect(): Promise<unknown>;
  /** Its CLIENT ID. */
  id(): Promise<number>;
  /** Sends a command on it, before it subscribes. */
  send(args: string[]): Promise<unknown>;
  /** Announced keys have the client's prefix; anything but a list stands for all keys. */
  subscribe(onKeys: (keys: unknown) => void): Promise<unknown>;
  /** May be called at any time. */
  close(): void;
}
