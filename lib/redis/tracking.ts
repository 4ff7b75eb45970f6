/**
 * Server-assisted invalidation: Redis announces when others change keys that a connection has read.
 *
 * Announcements arrive on a separate connection (`CLIENT TRACKING ON REDIRECT ... NOLOOP`). The connection's own
 * changes are not announced, and end the tracking of that key; a script that changes a key reads it again to keep it
 * tracked.
 */
import { codes, warnOnce } from "../errors/index.js";
import { adapterOf, type AnnouncementListener, type Announcer } from "./clients/index.js";
import type { RedisClient } from "./commands.js";
import { reconnectDelay } from "./connection/create-client.js";

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

const followers = new WeakMap<Announcer, Follower>();

/**
 * Tracks `client` across reconnects until all listeners have closed. A client is tracked once for all its listeners.
 * `undefined` if changes cannot be announced to this kind of client.
 */
export function trackChanges(client: RedisClient, listener: TrackingListener): Tracking | undefined {
  const { announcer, keyPrefix } = adapterOf(client);
  if (!announcer) return undefined;
  let follower = followers.get(announcer);
  if (!follower) {
    followers.set(announcer, (follower = new Follower(announcer, keyPrefix)));
    follower.open();
  }
  return follower.join(listener);
}

class Follower {
  readonly #client: Announcer;
  readonly #keyPrefix: string;
  readonly #unwatch: () => void;
  readonly #listeners = new Set<TrackingListener>();
  /** Receives the announcements. Recreated after a failure, because its id has to be known before it subscribes. */
  #announcements: AnnouncementListener | undefined;
  /** Settles when it has connected or failed; before that, the client library cannot close it cleanly. */
  #connecting: Promise<unknown> = Promise.resolve();
  #id: number | undefined;
  #round = 0;
  #failures = 0;
  #isOn = false;
  #isClosed = false;

  constructor(client: Announcer, keyPrefix: string) {
    this.#client = client;
    this.#keyPrefix = keyPrefix;
    this.#unwatch = client.watch(
      () => void this.#start(),
      () => this.#stopped(),
    );
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
    const announcements = this.#client.listener(() => this.#lost(announcements));
    this.#announcements = announcements;
    this.#connecting = announcements.connect();
    this.#subscribe(announcements).catch(() => this.#lost(announcements));
  }

  async #subscribe(announcements: AnnouncementListener): Promise<void> {
    await this.#connecting;
    if (this.#announcements !== announcements) return;
    this.#id = await announcements.id();
    await announcements.subscribe((keys) => {
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
    const prefix = this.#keyPrefix;
    if (key.startsWith(prefix)) listener.onChange(key.slice(prefix.length));
  }

  #lost(announcements: AnnouncementListener): void {
    if (this.#announcements !== announcements) return;
    this.#announcements = this.#id = undefined;
    this.#stopped();
    announcements.close();
    setTimeout(() => this.open(), reconnectDelay(this.#failures++)).unref();
  }

  async #start(): Promise<void> {
    this.#stopped();
    const round = this.#round;
    if (this.#isClosed || !this.#client.isReady || this.#id === undefined) return;
    try {
      await this.#client.send(["CLIENT", "TRACKING", "OFF"]);
      await this.#client.send(["CLIENT", "TRACKING", "ON", "REDIRECT", String(this.#id), "NOLOOP"]);
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
    this.#unwatch();
    this.#stopped();
    const announcements = this.#announcements;
    this.#announcements = undefined;
    await this.#connecting.catch(() => {});
    announcements?.close();
    // A listener that joined meanwhile has started the tracking again.
    if (followers.has(this.#client)) return;
    if (this.#client.isReady) await this.#client.send(["CLIENT", "TRACKING", "OFF"]).catch(() => {});
  }
}

function warnOfRefusal(error: unknown): void {
  warnOnce(
    codes.NEAR_CACHE_OFF,
    `Redis refused to announce changes (${error instanceof Error ? error.message : "no reason given"}), so the near ` +
      "cache is off. It needs Redis 6 or later, and permission to run CLIENT TRACKING.",
  );
}
