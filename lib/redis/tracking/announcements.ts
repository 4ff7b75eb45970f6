/** The connection on which one server announces changes; it is opened again when it is lost. */
import { codes, warnOnce } from "../../errors/index.js";
import type { AnnouncementListener } from "../clients/index.js";
import { reconnectDelay } from "../connection/create-client.js";
import { isReply, knownFailure } from "../failure-reasons.js";

export interface AnnouncementHandlers {
  /** It is connected, and has not subscribed yet. */
  onConnect?(connection: AnnouncementListener, id: number): Promise<unknown>;
  /** It has subscribed. */
  onOpen(id: number): Promise<void> | void;
  onLost(): void;
  /** `undefined`: all keys. */
  onChange(key: string | undefined): void;
}

/** Milliseconds until a server that refused to announce changes is asked again. */
const afterRefusal = 30_000;

/** Makes a connection that is not yet connected. `onLost` may be called more than once. */
export type MakeListener = (onLost: () => void) => Promise<AnnouncementListener> | AnnouncementListener;

export class Announcements {
  readonly #make: MakeListener;
  readonly #handlers: AnnouncementHandlers;
  /** Made again after a failure, because its id has to be known before it subscribes. */
  #current: AnnouncementListener | undefined;
  /** Settles when it has connected or failed; before that, the client library cannot close it cleanly. */
  #connecting: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #isClosed = false;

  constructor(make: MakeListener, handlers: AnnouncementHandlers) {
    this.#make = make;
    this.#handlers = handlers;
  }

  get isReady(): boolean {
    return this.#current?.isReady ?? false;
  }

  open(): void {
    if (!this.#isClosed) this.#connecting = this.#attempt();
  }

  async #attempt(): Promise<void> {
    let connection: AnnouncementListener | undefined;
    const lost = (error?: unknown) => this.#lost(connection, this.#delayAfter(error));
    try {
      connection = await this.#make(() => lost());
      if (this.#isClosed) return;
      this.#current = connection;
      await connection.connect();
    } catch (error) {
      lost(error);
      return;
    }
    this.#setUp(connection).catch(lost);
  }

  async #setUp(connection: AnnouncementListener): Promise<void> {
    const id = await connection.id();
    await this.#handlers.onConnect?.(connection, id);
    await connection.subscribe((keys) => {
      if (this.#current !== connection) return;
      if (!Array.isArray(keys)) this.#handlers.onChange(undefined);
      else for (const key of keys) this.#handlers.onChange(String(key));
    });
    if (this.#current !== connection) return;
    this.#failures = 0;
    await this.#handlers.onOpen(id);
  }

  /** In milliseconds. */
  #delayAfter(error: unknown): number {
    if (!isReply(error) || knownFailure(error)?.reason === "loading") return reconnectDelay(this.#failures++);
    warnOfRefusal(error);
    return afterRefusal;
  }

  /** @param connection `undefined` if none could be made */
  #lost(connection: AnnouncementListener | undefined, delay: number): void {
    if (this.#current !== connection) return;
    this.#current = undefined;
    if (connection) this.#handlers.onLost();
    connection?.close();
    if (!this.#isClosed) setTimeout(() => this.open(), delay).unref();
  }

  /** Drops the connection, and opens it where the client now leads. */
  reopen(): void {
    if (this.#current) this.#lost(this.#current, 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connection = this.#current;
    this.#current = undefined;
    await this.#connecting.catch(() => {});
    connection?.close();
  }
}

export function warnOfRefusal(error: unknown): void {
  warnOnce(
    codes.NEAR_CACHE_OFF,
    `Redis refused to announce changes (${error instanceof Error ? error.message : "no reason given"}), so the near ` +
      "cache is off. It needs Redis 6 or later, and permission to run CLIENT TRACKING.",
  );
}
