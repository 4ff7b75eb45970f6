/**
 * Server-assisted invalidation: Redis announces which of the keys that a connection has read were changed by others.
 *
 * Announcements go to a connection of their own (`CLIENT TRACKING ON REDIRECT ... NOLOOP`). The connection's own changes
 * are not announced, and end the tracking of that key; a script that changes a key reads it again to go on with it.
 */
import type { RedisClientType } from "redis";
import { codes, warnOnce } from "../errors/index.js";
import { reconnectDelay } from "./create-client.js";

export interface TrackingListener {
  /** Announcements arrive from now on. */
  onStart(): void;
  /** Announcements may be lost from now on. */
  onStop(): void;
  /** `undefined`: all keys. */
  onChange(key: string | undefined): void;
}

export interface Tracking {
  close(): Promise<void>;
}

/** Only a plain client has the one connection that this needs; clusters, pools and sentinels have several. */
export function canTrack(client: object): client is RedisClientType {
  const has = (name: string) => name in client;
  return (
    has("duplicate") &&
    has("options") &&
    has("isReady") &&
    !has("masters") &&
    !has("totalClients") &&
    !has("nodeClient")
  );
}

/** Follows `client` through its reconnects until `close()`. */
export function trackChanges(client: RedisClientType, listener: TrackingListener): Tracking {
  const follower = new Follower(client, listener);
  follower.open();
  return follower;
}

class Follower implements Tracking {
  readonly #client: RedisClientType;
  readonly #listener: TrackingListener;
  readonly #restart = () => void this.#start();
  readonly #stop = () => this.#stopped();
  /** Receives the announcements; a new one each time, since its id is asked for before it subscribes. */
  #announcements: RedisClientType | undefined;
  #id: number | undefined;
  #round = 0;
  #failures = 0;
  #isClosed = false;

  constructor(client: RedisClientType, listener: TrackingListener) {
    this.#client = client;
    this.#listener = listener;
    client.on("ready", this.#restart);
    for (const event of outages) client.on(event, this.#stop);
  }

  open(): void {
    if (this.#isClosed) return;
    const announcements = this.#client.duplicate({
      RESP: 2, // in which announcements are messages of a channel, as the client library hands them out
      maintNotifications: "disabled",
      disableOfflineQueue: false,
      pingInterval: 1000, // a connection that died in silence is noticed
      socket: { ...this.#client.options.socket, reconnectStrategy: false },
    } as never) as unknown as RedisClientType;
    this.#announcements = announcements;
    announcements.on("error", () => this.#lost(announcements));
    announcements.on("end", () => this.#lost(announcements));
    this.#subscribe(announcements).catch(() => this.#lost(announcements));
  }

  async #subscribe(announcements: RedisClientType): Promise<void> {
    await announcements.connect();
    this.#id = await announcements.clientId();
    await announcements.subscribe("__redis__:invalidate", (keys: unknown) => {
      if (!Array.isArray(keys)) return this.#listener.onChange(undefined);
      for (const key of keys) this.#listener.onChange(String(key));
    });
    this.#failures = 0;
    await this.#start();
  }

  #lost(announcements: RedisClientType): void {
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
      if (round === this.#round) this.#listener.onStart();
    } catch (error) {
      if (this.#client.isReady && this.#announcements?.isReady) warnOfRefusal(error);
    }
  }

  #stopped(): void {
    this.#round++;
    this.#listener.onStop();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#client.off("ready", this.#restart);
    for (const event of outages) this.#client.off(event, this.#stop);
    this.#stopped();
    const announcements = this.#announcements;
    this.#announcements = undefined;
    if (announcements?.isOpen) announcements.destroy();
    if (this.#client.isReady) await this.#client.sendCommand(["CLIENT", "TRACKING", "OFF"]).catch(() => {});
  }
}

const outages = ["error", "end", "reconnecting"];

function warnOfRefusal(error: unknown): void {
  warnOnce(
    codes.NEAR_CACHE_OFF,
    `Redis refused to announce changes (${error instanceof Error ? error.message : "no reason given"}), so the near cache is off. ` +
      "It needs Redis 6 or later, and the right to CLIENT TRACKING.",
  );
}
