/**
 * A second connection of a client, for messages, that is opened again whenever it is lost, until nobody needs it. One for
 * all uses: announcements for a near cache, and messages of other processes.
 */
import { realTime, within } from "../errors/index.js";
import type { ClientAdapter, Server, Subscriber } from "./clients/index.js";
import { reconnectDelay } from "./connection/create-client.js";
import { isReply, knownFailure } from "./failure-reasons.js";
import { withoutArguments } from "./without-arguments.js";

/** A client that can open such a connection. */
export type SubscribingClient = ClientAdapter & { readonly subscriber: NonNullable<ClientAdapter["subscriber"]> };

export function canSubscribe(client: ClientAdapter): client is SubscribingClient {
  return client.subscriber !== undefined;
}

export interface SubscriberUse {
  readonly channel: string;
  /** Milliseconds between two PINGs. The connection counts as dead when three of them were not answered. */
  readonly pingInterval: number;
  /** It is connected, and has not subscribed yet. */
  onConnect?(connection: Subscriber): Promise<unknown>;
  /** It has subscribed: messages arrive from now on. If this fails, the connection is closed, and another one opened later. */
  onOpen(): Promise<unknown> | void;
  onMessage(message: unknown): void;
  /** Messages are lost from now on. */
  onLost(): void;
  /** Redis does not permit it. It is tried again. */
  onRefused(error: unknown): void;
}

/** In milliseconds: until it is looked whether the app has opened its client. */
const untilOpened = 500;
/** In milliseconds: what a command on a new connection may take. */
const longestSetUp = 5000;

/** Milliseconds until Redis is asked again for what it has refused: a second, doubled up to half a minute. */
function delayAfterRefusal(attempt: number): number {
  return 1000 * Math.min(2 ** attempt, 30);
}

export class StandingSubscriber {
  readonly #client: SubscribingClient;
  readonly #server: Server;
  readonly #use: SubscriberUse;
  /** Counts what was opened and closed, so that what was started earlier knows that it is out of date. */
  #round = 0;
  #connection: Subscriber | undefined;
  #pings: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #isWanted = false;
  #failures = 0;
  #refusals = 0;

  /** @param server `undefined`: any */
  constructor(client: SubscribingClient, server: Server, use: SubscriberUse) {
    this.#client = client;
    this.#server = server;
    this.#use = use;
  }

  /** Opens it, unless it is open or being opened. */
  open(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = this.#refusals = 0;
    this.#unwatch = this.#client.watchMoves?.(() => this.#reopen(0));
    void this.#connect(this.#round);
  }

  close(): void {
    this.#isWanted = false;
    this.#unwatch?.();
    this.#drop();
  }

  /** What its user wanted to do has failed: it is closed, and another one opened later. */
  fail(error?: unknown): void {
    if (!this.#isWanted) return;
    const failure = withoutArguments(this.#client.failure?.(error) ?? error);
    const isRefused = isReply(failure) && knownFailure(failure)?.reason !== "loading";
    if (isRefused) this.#use.onRefused(failure);
    this.#reopen(isRefused ? delayAfterRefusal(this.#refusals++) : reconnectDelay(this.#failures++));
  }

  async #connect(round: number): Promise<void> {
    if (!this.#client.isOpen) return this.#connectIn(untilOpened);
    const { pingInterval } = this.#use;
    const fail = (error?: unknown) => {
      if (round === this.#round) this.fail(error);
    };
    try {
      const connection = await this.#client.subscriber(this.#server, {
        longestSilence: 3 * pingInterval,
        onLost: () => fail(),
      });
      if (round !== this.#round) return connection.close();
      this.#connection = connection;
      this.#pings = realTime.setInterval(() => this.#ping(connection, fail), pingInterval).unref();
      await within(this.#setUp(connection, round), longestSetUp);
      if (round === this.#round) this.#failures = this.#refusals = 0;
    } catch (error) {
      fail(error);
    }
  }

  async #setUp(connection: Subscriber, round: number): Promise<void> {
    await this.#use.onConnect?.(connection);
    await connection.subscribe(this.#use.channel, (message) => {
      if (round === this.#round) this.#use.onMessage(message);
    });
    if (round === this.#round) await this.#use.onOpen();
  }

  #ping(connection: Subscriber, fail: (error?: unknown) => void): void {
    if (!this.#client.isOpen) return fail();
    within(connection.ping(), 3 * this.#use.pingInterval).catch((error: unknown) => {
      if (!isReply(error)) fail(); // who may not send PING gets an answer as well
    });
  }

  #drop(): void {
    this.#round++;
    realTime.clearInterval(this.#pings);
    this.#connection?.close();
    this.#connection = undefined;
  }

  #reopen(delay: number): void {
    const wasConnected = this.#connection !== undefined;
    this.#drop();
    if (wasConnected) this.#use.onLost();
    if (this.#isWanted) this.#connectIn(delay);
  }

  #connectIn(delay: number): void {
    const round = ++this.#round;
    realTime
      .setTimeout(() => {
        if (round === this.#round) void this.#connect(round);
      }, delay)
      .unref();
  }
}
