/**
 * Server-assisted invalidation: Redis announces when others change keys that a connection has read.
 *
 * Announcements arrive on a separate connection (`CLIENT TRACKING ON REDIRECT ... NOLOOP`). The connection's own
 * changes are not announced, and end the tracking of that key; a script that changes a key reads it again to keep it
 * tracked.
 */
import type { RedisClientType } from "redis";
import { codes, warnOnce } from "../errors/index.js";
import { reconnectDelay } from "./connection/create-client.js";
import { keyPrefixOf } from "./guard/key-prefix.js";

export interface TrackingListener {
  /** Announcements arrive from now on. */
  onStart(): void;
  /** Announcements may be lost from now on. */
  onStop(): void;
  /** `undefined`: all keys. */
  onChange(key: string | undefined): void;
}

/** One listener's share in the tracking of a client, which all its listeners have in common. */
export interface Tracking {
  /**
   * This listener's owner changed a key through the client. Redis does not announce that, so the other listeners are
   * told.
   */
  changed(key: string): void;
  close(): Promise<void>;
}

/**
 * Tracking needs a client with one connection, which it can have to itself: clusters, pools and sentinels have several, and
 * the client's own `clientSideCache` tracks keys on the same connection.
 */
export function canTrack(client: object & { options?: { clientSideCache?: unknown } }): client is RedisClientType {
  const has = (name: string) => name in client;
  return (
    has("duplicate") &&
    has("options") &&
    has("isReady") &&
    !has("masters") &&
    !has("totalClients") &&
    !has("nodeClient") &&
    !client.options?.clientSideCache
  );
}

const followers = new WeakMap<object, Follower>();

/**
 * Tracks `client` across reconnects until all listeners have closed. A client is tracked once for all its listeners.
 */
export function trackChanges(client: RedisClientType, listener: TrackingListener): Tracking {
  let follower = followers.get(client);
  if (!follower) {
    followers.set(client, (follower = new Follower(client)));
    follower.open();
  }
  return follower.join(listener);
}

class Follower {
  readonly #client: RedisClientType;
  readonly #listeners = new Set<TrackingListener>();
  readonly #restart = () => void this.#start();
  readonly #stop = () => this.#stopped();
  /** Receives the announcements. Recreated after a failure, because its id has to be known before it subscribes. */
  #announcements: Announcements | undefined;
  /** Settles when it has connected or failed; before that, the client library cannot close it cleanly. */
  #connecting: Promise<unknown> = Promise.resolve();
  #id: number | undefined;
  #round = 0;
  #failures = 0;
  #isOn = false;
  #isClosed = false;

  constructor(client: RedisClientType) {
    this.#client = client;
    client.on("ready", this.#restart);
    for (const event of outages) client.on(event, this.#stop);
  }

  join(listener: TrackingListener): Tracking {
    this.#listeners.add(listener);
    if (this.#isOn) listener.onStart();
    return {
      changed: (key) => {
        for (const other of this.#listeners) if (other !== listener) other.onChange(key);
      },
      close: async () => {
        if (!this.#listeners.delete(listener)) return;
        listener.onStop();
        if (this.#listeners.size === 0) await this.#close();
      },
    };
  }

  open(): void {
    if (this.#isClosed) return;
    const announcements = listenerFor(this.#client);
    this.#announcements = announcements;
    announcements.on("error", () => this.#lost(announcements));
    announcements.on("end", () => this.#lost(announcements));
    this.#connecting = announcements.connect();
    this.#subscribe(announcements).catch(() => this.#lost(announcements));
  }

  async #subscribe(announcements: Announcements): Promise<void> {
    await this.#connecting;
    if (this.#announcements !== announcements) return;
    this.#id = await announcements.clientId();
    await announcements.subscribe("__redis__:invalidate", (keys: unknown) => {
      for (const listener of this.#listeners) {
        if (!Array.isArray(keys)) listener.onChange(undefined);
        else for (const key of keys) this.#changed(String(key), listener);
      }
    });
    this.#failures = 0;
    await this.#start();
  }

  /** Listeners know a key as it is passed to the client. Without the client's prefix it is not theirs. */
  #changed(key: string, listener: TrackingListener): void {
    const prefix = keyPrefixOf(this.#client);
    if (key.startsWith(prefix)) listener.onChange(key.slice(prefix.length));
  }

  #lost(announcements: Announcements): void {
    if (this.#announcements !== announcements) return;
    this.#announcements = this.#id = undefined;
    this.#stopped();
    if (announcements.isOpen) announcements.destroy();
    setTimeout(() => this.open(), reconnectDelay(this.#failures++)).unref();
  }

  async #start(): Promise<void> {
    this.#stopped();
    const round = this.#round;
    if (this.#isClosed || !this.#client.isReady || this.#id === undefined) return;
    try {
      await this.#client.sendCommand(["CLIENT", "TRACKING", "OFF"]);
      await this.#client.sendCommand(["CLIENT", "TRACKING", "ON", "REDIRECT", String(this.#id), "NOLOOP"]);
      if (round !== this.#round) return;
      this.#isOn = true;
      for (const listener of this.#listeners) listener.onStart();
    } catch (error) {
      if (this.#client.isReady && this.#announcements?.isReady) warnOfRefusal(error);
    }
  }

  #stopped(): void {
    this.#round++;
    this.#isOn = false;
    for (const listener of this.#listeners) listener.onStop();
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    followers.delete(this.#client);
    this.#client.off("ready", this.#restart);
    for (const event of outages) this.#client.off(event, this.#stop);
    this.#stopped();
    const announcements = this.#announcements;
    this.#announcements = undefined;
    await this.#connecting.catch(() => {});
    if (announcements?.isOpen) announcements.destroy();
    // A listener that joined meanwhile has started the tracking again.
    if (followers.has(this.#client)) return;
    if (this.#client.isReady) await this.#client.sendCommand(["CLIENT", "TRACKING", "OFF"]).catch(() => {});
  }
}

type Announcements = ReturnType<typeof listenerFor>;

/** A separate connection for the announcements, with the settings of the app's client. */
function listenerFor(client: RedisClientType) {
  return client.duplicate({
    RESP: 2, // so that announcements are messages of a channel, which the client library passes on
    maintNotifications: "disabled",
    disableOfflineQueue: false,
    pingInterval: 1000, // detects a connection that died without being closed
    socket: { ...client.options.socket, reconnectStrategy: false },
  });
}

const outages = ["error", "end", "reconnecting"];

function warnOfRefusal(error: unknown): void {
  warnOnce(
    codes.NEAR_CACHE_OFF,
    `Redis refused to announce changes (${error instanceof Error ? error.message : "no reason given"}), so the near ` +
      "cache is off. It needs Redis 6 or later, and permission to run CLIENT TRACKING.",
  );
}
