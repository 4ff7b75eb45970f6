/**
 * Announcements of all changes to keys with a prefix, for clients with several connections, whichever of them reads.
 *
 * Each server has a connection of its own for it (`CLIENT TRACKING ON BCAST PREFIX ...`), on which all changes arrive,
 * also this process's own.
 */
import type { Server } from "../clients/index.js";
import { StandingSubscriber, type SubscribingClient } from "../standing-subscriber.js";
import { idOf, invalidations, keysIn } from "./invalidations.js";
import type { Tracking, TrackingListener } from "./listener.js";

/** By client, then by prefix. */
const followers = new WeakMap<SubscribingClient, Map<string, PrefixFollower>>();

/** Follows all servers of `client` until all listeners have closed. */
export function followPrefix(client: SubscribingClient, prefix: string, listener: TrackingListener): Tracking {
  const ofClient = followers.get(client) ?? new Map<string, PrefixFollower>();
  followers.set(client, ofClient);
  let follower = ofClient.get(prefix);
  if (!follower) {
    ofClient.set(prefix, (follower = new PrefixFollower(client, prefix, () => ofClient.delete(prefix))));
    follower.isComplete();
  }
  return follower.join(listener);
}

class PrefixFollower {
  readonly #client: SubscribingClient;
  readonly #prefix: string;
  readonly #onClose: () => void;
  readonly #listeners = new Set<TrackingListener>();
  readonly #servers = new Map<Server, ServerFollower>();
  #isOn = false;

  constructor(client: SubscribingClient, prefix: string, onClose: () => void) {
    this.#client = client;
    this.#prefix = prefix;
    this.#onClose = onClose;
  }

  join(listener: TrackingListener): Tracking {
    this.#listeners.add(listener);
    if (this.#isOn) listener.onStart();
    return {
      announcesOwn: true,
      isComplete: () => this.#listeners.has(listener) && this.isComplete(),
      // Redis announces it as well, but later.
      changed: (key) => {
        for (const other of this.#listeners) if (other !== listener) other.onChange(key);
      },
      close: async () => {
        if (!this.#listeners.delete(listener)) return;
        listener.onStop();
        if (this.#listeners.size === 0) this.#close();
      },
    };
  }

  /** Begins to follow servers that are new, and leaves those that are gone. */
  isComplete(): boolean {
    const { servers } = this.#client;
    if (!servers) return false; // they are not known yet
    if (servers.length === this.#servers.size && servers.every((server) => this.#servers.has(server)))
      return this.#isOn;
    for (const server of servers) if (!this.#servers.has(server)) this.#follow(server);
    this.#leaveAllBut(servers);
    this.#settle();
    return this.#isOn;
  }

  #follow(server: Server): void {
    const { keyPrefix } = this.#client;
    const prefix = keyPrefix + this.#prefix;
    const turn = (isOn: boolean) => {
      follower.isOn = isOn;
      this.#settle();
    };
    const subscriber = new StandingSubscriber(this.#client, server, {
      ...invalidations,
      // It redirects to itself, so that announcements are messages of a channel.
      onConnect: async (connection) => {
        const on = ["CLIENT", "TRACKING", "ON", "REDIRECT", await idOf(connection), "BCAST"];
        return connection.send(prefix === "" ? on : [...on, "PREFIX", prefix]);
      },
      onOpen: () => turn(true),
      onLost: () => turn(false),
      onMessage: (message) => {
        for (const key of keysIn(message))
          for (const listener of this.#listeners) listener.onChange(key?.slice(keyPrefix.length));
      },
    });
    const follower: ServerFollower = { isOn: false, close: () => subscriber.close() };
    this.#servers.set(server, follower);
    subscriber.open();
  }

  #leaveAllBut(servers: readonly Server[]): void {
    for (const [server, follower] of this.#servers) {
      if (servers.includes(server)) continue;
      this.#servers.delete(server);
      follower.close();
    }
  }

  /** Tells the listeners whether all servers are followed, if that has changed. */
  #settle(): void {
    const isOn = this.#servers.size > 0 && [...this.#servers.values()].every((server) => server.isOn);
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    for (const listener of this.#listeners) {
      if (isOn) listener.onStart();
      else listener.onStop();
    }
  }

  #close(): void {
    this.#onClose();
    for (const server of this.#servers.values()) server.close();
  }
}

interface ServerFollower {
  /** Whether announcements arrive. */
  isOn: boolean;
  close(): void;
}
