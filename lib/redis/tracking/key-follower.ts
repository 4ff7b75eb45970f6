/**
 * Announcements of the keys that one connection has read, for a client with one connection.
 *
 * They arrive on a separate connection (`CLIENT TRACKING ON REDIRECT ... NOLOOP`). The connection's own changes are not
 * announced, and end the tracking of that key; a script that changes a key reads it again to keep it tracked.
 */
import type { ServingConnection } from "../clients/index.js";
import { StandingSubscriber, type SubscribingClient } from "../standing-subscriber.js";
import { idOf, invalidations, keysIn } from "./invalidations.js";
import type { Tracking, TrackingListener } from "./listener.js";

const followers = new WeakMap<SubscribingClient, KeyFollower>();

/**
 * Tracks a client across reconnects until all listeners have closed. It is tracked once for all its listeners.
 *
 * @param serving the client's only connection
 */
export function followKeys(
  client: SubscribingClient,
  serving: ServingConnection,
  listener: TrackingListener,
): Tracking {
  let follower = followers.get(client);
  if (!follower) {
    followers.set(client, (follower = new KeyFollower(client, serving)));
    follower.open();
  }
  return follower.join(listener);
}

class KeyFollower {
  readonly #client: SubscribingClient;
  readonly #serving: ServingConnection;
  readonly #unwatch: () => void;
  readonly #listeners = new Set<TrackingListener>();
  readonly #subscriber: StandingSubscriber;
  /** Of the connection on which announcements arrive. */
  #id: string | undefined;
  #round = 0;
  #isOn = false;

  constructor(client: SubscribingClient, serving: ServingConnection) {
    this.#client = client;
    this.#serving = serving;
    let id: string;
    this.#subscriber = new StandingSubscriber(client, undefined, {
      ...invalidations,
      onConnect: async (connection) => (id = await idOf(connection)),
      onOpen: () => {
        this.#id = id;
        return this.#start();
      },
      onLost: () => {
        this.#id = undefined;
        this.#stopped();
      },
      onMessage: (message) => {
        for (const key of keysIn(message)) this.#changed(key);
      },
    });
    this.#unwatch = serving.watch(
      () => void this.#start().catch((error: unknown) => this.#subscriber.fail(error)),
      () => this.#stopped(),
    );
  }

  open(): void {
    this.#subscriber.open();
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
    const prefix = this.#client.keyPrefix;
    if (key !== undefined && !key.startsWith(prefix)) return;
    for (const listener of this.#listeners) listener.onChange(key?.slice(prefix.length));
  }

  /** If Redis refuses, it is asked again with another connection for announcements. */
  async #start(): Promise<void> {
    this.#stopped();
    const round = this.#round;
    if (!this.#serving.isReady || this.#id === undefined) return;
    try {
      await this.#serving.send(["CLIENT", "TRACKING", "OFF"]);
      await this.#serving.send(["CLIENT", "TRACKING", "ON", "REDIRECT", this.#id, "NOLOOP"]);
    } catch (error) {
      if (round === this.#round) throw error;
    }
    if (round !== this.#round) return;
    this.#isOn = true;
    for (const listener of this.#listeners) listener.onStart();
  }

  #stopped(): void {
    this.#round++;
    this.#isOn = false;
    for (const listener of this.#listeners) listener.onStop();
  }

  async #close(): Promise<void> {
    followers.delete(this.#client);
    this.#unwatch();
    this.#subscriber.close();
    this.#id = undefined;
    this.#stopped();
    if (this.#serving.isReady) await this.#serving.send(["CLIENT", "TRACKING", "OFF"]).catch(() => {});
  }
}
