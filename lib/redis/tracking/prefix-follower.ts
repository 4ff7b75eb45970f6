/**
 * Announcements of all changes to keys with a prefix, for clients with several connections, whichever of them reads.
 *
 * Each server has a connection of its own for it (`CLIENT TRACKING ON BCAST PREFIX ...`), on which all changes arrive,
 * also this process's own.
 */
import type { Broadcaster, ClientAdapter, Server } from "../clients/index.js";
import { Announcements, type MakeListener } from "./announcements.js";
import type { Tracking, TrackingListener } from "./listener.js";

/** A client that announces changes so. */
export type BroadcastClient = ClientAdapter & { readonly broadcaster: Broadcaster };

/** By client, then by prefix. */
const followers = new WeakMap<BroadcastClient, Map<string, PrefixFollower>>();

/** Follows all servers of `client` until all listeners have closed. */
export function followPrefix(client: BroadcastClient, prefix: string, listener: TrackingListener): Tracking {
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
  readonly #client: BroadcastClient;
  readonly #prefix: string;
  readonly #onClose: () => void;
  readonly #unwatch: () => void;
  readonly #listeners = new Set<TrackingListener>();
  readonly #servers = new Map<Server, ServerFollower>();
  #isOn = false;

  constructor(client: BroadcastClient, prefix: string, onClose: () => void) {
    this.#client = client;
    this.#prefix = prefix;
    this.#onClose = onClose;
    this.#unwatch = client.broadcaster.watch(() => this.#reopen());
  }

  join(listener: TrackingListener): Tracking {
    this.#listeners.add(listener);
    if (this.#isOn) listener.onStart();
    return {
      announcesOwn: true,
      isComplete: () => this.isComplete(),
      // Redis announces it as well, but later.
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
    const { broadcaster, keyPrefix } = this.#client;
    const follower = new ServerFollower((onLost) => broadcaster.listener(server, onLost), keyPrefix + this.#prefix, {
      onChange: (key) => {
        for (const listener of this.#listeners) listener.onChange(key?.slice(keyPrefix.length));
      },
      onTurn: () => this.#settle(),
    });
    this.#servers.set(server, follower);
    follower.open();
  }

  #leaveAllBut(servers: readonly Server[]): void {
    for (const [server, follower] of this.#servers) {
      if (servers.includes(server)) continue;
      this.#servers.delete(server);
      void follower.close();
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

  /** The client leads to another server now, as sentinels do. */
  #reopen(): void {
    for (const server of this.#servers.values()) server.reopen();
  }

  async #close(): Promise<void> {
    this.#onClose();
    this.#unwatch();
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }
}

interface ServerListener {
  onChange(key: string | undefined): void;
  /** `isOn` has changed. */
  onTurn(): void;
}

class ServerFollower {
  readonly #announcements: Announcements;
  #isOn = false;

  constructor(make: MakeListener, prefix: string, listener: ServerListener) {
    const turn = (isOn: boolean) => {
      this.#isOn = isOn;
      listener.onTurn();
    };
    const ofPrefix = prefix === "" ? [] : ["PREFIX", prefix];
    this.#announcements = new Announcements(make, {
      // It redirects to itself, so that announcements are messages of a channel.
      onConnect: (connection, id) =>
        connection.send(["CLIENT", "TRACKING", "ON", "REDIRECT", String(id), "BCAST", ...ofPrefix]),
      onOpen: () => turn(true),
      onLost: () => turn(false),
      onChange: (key) => listener.onChange(key),
    });
  }

  /** Whether announcements arrive. */
  get isOn(): boolean {
    return this.#isOn;
  }

  open(): void {
    this.#announcements.open();
  }

  reopen(): void {
    this.#announcements.reopen();
  }

  close(): Promise<void> {
    return this.#announcements.close();
  }
}
