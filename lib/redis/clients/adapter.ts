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
   * The library's error as this package reads it: an error reply begins with its kind, as the server has sent it. Absent
   * if all do.
   */
  readonly failure?: ((error: unknown) => unknown) | undefined;

  /** What the client knows about its connection to a server; sends nothing. */
  connection(server: Server): Connection;
  /**
   * Called again and again while commands on `key` fail with the connection, or wait for a silent server: does what the
   * library leaves undone to reach it. Absent if it leaves nothing.
   */
  readonly recover?: ((key: string) => void) | undefined;

  /**
   * Opens a second connection, with the client's settings, to one of its servers, or to any of them for `undefined`.
   * Settles in any case. Absent if this client cannot open one.
   */
  readonly subscriber?: ((server: Server, options: SubscriberOptions) => Promise<Subscriber>) | undefined;
  /**
   * `onMoved` is called whenever the client leads to another server without telling it apart, as with sentinels. Returns
   * what ends that. Absent if the connections to the former server end then.
   */
  readonly watchMoves?: ((onMoved: () => void) => () => void) | undefined;
  /** Whether changes can be announced to subscribers, for a near cache. */
  readonly announces: boolean;
  /** The only connection, if the keys that it reads can be tracked; otherwise all changes have to be announced. */
  readonly serving?: ServingConnection | undefined;
}

export interface SubscriberOptions {
  /** Milliseconds after which a silent connection is dead. Its user sends PINGs more often. */
  readonly longestSilence: number;
  /** May be called more than once, and before the connection is open. */
  onLost(): void;
}

/** A connection that receives messages. It does not reconnect: whoever needs it opens another one, and knows that messages were lost. */
export interface Subscriber {
  /** Sends a command on it, before it subscribes. */
  send(args: string[]): Promise<unknown>;
  /** Messages are texts, perhaps as buffers; announcements of changes are lists of keys, or something else for all keys. */
  subscribe(channel: string, onMessage: (message: unknown) => void): Promise<unknown>;
  /** Also after it has subscribed. */
  ping(): Promise<unknown>;
  close(): void;
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

/** The connection on which a client with only one sends its commands. */
export interface ServingConnection {
  /** It takes commands now. */
  readonly isReady: boolean;
  send(args: string[]): Promise<unknown>;
  /** `onReady` is called whenever it is ready again, `onLost` whenever it may be another one. Returns what ends that. */
  watch(onReady: () => void, onLost: () => void): () => void;
}
