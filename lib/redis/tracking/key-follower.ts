/**
 * Announcements of the keys that one connection has read, for a client with one connection.
 *
 * They arrive on a separate connection (`CLIENT TRACKING ON REDIRECT ... NOLOOP`). The connection's own changes are not
 * announced, and end the tracking of that key; a script that changes a key reads it again to keep it tracked.
 */
import type { Announcer } from "../clients/index.js";
import { Announcements, warnOfRefusal } from "./announcements.js";
import type { Tracking, TrackingListener } from "./listener.js";

const followers = new WeakMap<Announcer, KeyFollower>();

/**
 * Tracks a client across reconnects until all listeners have closed. It is tracked once for all its listeners.
 */
export function followKeys(announcer: Announcer, keyPrefix: string, listener: TrackingListener): Tracking {
  let follower = followers.get(announcer);
  if (!follower) {
    followers.set(announcer, (follower = new KeyFollower(announcer, keyPrefix)));
    follower.open();
  }
  return follower.join(listener);
}

class KeyFollower {
  readonly #client: Announcer;
  readonly #keyPrefix: string;
  readonly #unwatch: () => void;
  readonly #listeners = new Set<TrackingListener>();
  readonly #announcements: Announcements;
  /** Of the connection on which announcements arrive. */
  #id: number | undefined;
  #round = 0;
  #isOn = false;
  #isClosed = false;

  constructor(client: Announcer, keyPrefix: string) {
    this.#client = client;
    this.#keyPrefix = keyPrefix;
    this.#announcements = new Announcements((onLost) => client.listener(onLost), {
      onOpen: (id) => {
        this.#id = id;
        return this.#start();
      },
      onLost: () => {
        this.#id = undefined;
        this.#stopped();
      },
      onChange: (key) => this.#changed(key),
    });
    this.#unwatch = client.watch(
      () => void this.#start(),
      () => this.#stopped(),
    );
  }

  open(): void {
    this.#announcements.open();
  }

  join(listener: TrackingListener): Tracking {
    this.#listeners.add(listener);
    if (this.#isOn) listener.onStart();
    return {
      announcesOwn: false,
      isComplete: () => true,
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

  /** Listeners know a key as it is passed to the client. Without the client's prefix it is not theirs. */
  #changed(key: string | undefined): void {
    const prefix = this.#keyPrefix;
    if (key !== undefined && !key.startsWith(prefix)) return;
    for (const listener of this.#listeners) listener.onChange(key?.slice(prefix.length));
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
      if (this.#client.isReady && this.#announcements.isReady) warnOfRefusal(error);
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
    await this.#announcements.close();
    // A listener that joined meanwhile has started the tracking again.
    if (followers.has(this.#client)) return;
    if (this.#client.isReady) await this.#client.send(["CLIENT", "TRACKING", "OFF"]).catch(() => {});
  }
}
