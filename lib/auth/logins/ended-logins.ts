/**
 * Tells who waits for the end of a login, whichever process ends it. One subscription per process says whose logins to
 * look at; that costs one command per user concerned. Messages can be lost, and timeouts send none, so all watched
 * logins are also looked at after each interruption, and once a minute.
 */
import { codes, errorText, HoldfastError, realTime, warnOnce } from "../../errors/index.js";
import type { Subscription } from "../../redis/index.js";
import type { LoginContext } from "./login-context.js";
import type { LoginRecord } from "./login-record.js";
import { endOf, tell, WatchedLogins, type EndedListener } from "./watched-logins.js";

/** How many users are looked at at once. */
const pageSize = 100;
/** Milliseconds until users are looked at again after Redis has not answered. */
const retryDelay = 1000;
/** Milliseconds for which the subscription stays open when nobody waits any more: a page that reloads comes back. */
const linger = 5000;

export class EndedLogins {
  readonly #context: LoginContext;
  readonly #watched = new WatchedLogins();
  readonly #subscription: Subscription;
  /** Users to look at. */
  readonly #due = new Set<string>();
  #isLooking = false;
  #timer: ReturnType<typeof realTime.setInterval> | undefined;

  constructor(context: LoginContext) {
    this.#context = context;
    this.#subscription = context.parts.devices.hearEnds({
      onStart: () => this.#started(),
      onMessage: (user) => this.#lookAt([user]),
      onRefused: warnOfRefusal,
    });
  }

  /** @param login undefined: it is over already */
  watch(login: LoginRecord | undefined, sid: string | undefined, listener: EndedListener): () => void {
    let isWanted = true;
    const once: EndedListener = (reason) => (isWanted ? listener(reason) : undefined);
    const stop = () => {
      isWanted = false;
      if (!login) return;
      this.#watched.remove(login, once);
      if (this.#watched.isEmpty) this.#closeSoon();
    };
    if (!login) tell(once, "ended");
    else {
      this.#watched.add(login, sid, once);
      this.#open();
      this.#lookAt([login.user.id]); // it may have ended since it was checked
    }
    return stop;
  }

  #open(): void {
    this.#subscription.open();
    if (this.#timer) return;
    this.#timer = realTime.setInterval(() => this.#lookAt(this.#watched.users), this.#interval);
    this.#timer.unref();
  }

  /** A minute, or less if timeouts are so short that a minute would be late. */
  get #interval(): number {
    const { usual, remembered } = this.#context.parts.timeouts;
    const shortest = Math.min(usual.idle, usual.absolute, remembered.idle, remembered.absolute);
    return Math.min(60_000, Math.max(1000, (shortest * 1000) / 20));
  }

  #closeSoon(): void {
    realTime.setTimeout(() => this.#closeIfUnused(), linger).unref();
  }

  #closeIfUnused(): void {
    if (!this.#watched.isEmpty) return;
    this.#subscription.close();
    realTime.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #started(): void {
    this.#lookAt(this.#watched.users);
    this.#context.parts.devices.tryToAnnounce().catch((error: unknown) => {
      if (HoldfastError.is(error) && error.reason !== "no-permission") return; // Redis is away, and it is tried again then
      warnOfRefusal(error);
    });
  }

  #lookAt(users: readonly string[]): void {
    for (const user of users) this.#due.add(user);
    if (this.#isLooking) return;
    this.#isLooking = true;
    void Promise.resolve().then(() => this.#look()); // what is due at the same time is looked at together
  }

  async #look(): Promise<void> {
    let isAnswered = true;
    while (isAnswered && this.#due.size > 0) {
      const users = [...this.#due].slice(0, pageSize);
      for (const user of users) this.#due.delete(user);
      const done = await Promise.all(users.map((user) => this.#lookAtUser(user).catch(() => this.#due.add(user))));
      isAnswered = done.every((outcome) => outcome === undefined);
    }
    this.#isLooking = false;
    if (!isAnswered) realTime.setTimeout(() => this.#lookAt([]), retryDelay).unref();
  }

  async #lookAtUser(user: string): Promise<void> {
    const watched = this.#watched.of(user);
    if (watched.length === 0) return;
    const { devices } = this.#context.parts;
    const states = await devices.statesOf(
      user,
      watched.map(({ login }) => login),
    );
    for (const [i, one] of watched.entries()) {
      const reason = endOf(one, states[i]!, this.#context);
      if (reason) this.#watched.end(one, reason);
    }
    if (this.#watched.isEmpty) this.#closeSoon();
  }
}

function warnOfRefusal(error: unknown): void {
  warnOnce(
    codes.LOGIN_ENDS_LATE,
    "Sockets are not closed at once when their login ends elsewhere, but within a minute, because it cannot be published " +
      `or heard: ${errorText(error)}. docs/production.md has the rights that the Redis user needs for it.`,
  );
}
