/**
 * One attempt to log in or to change a password: which counts it adds to, and what it gives back.
 *
 * It counts for the typed name and for the account behind it, so that its user name, its e-mail address and the form
 * for a new password share one budget. But what a stranger is told depends on the name alone. If the account's budget
 * is used up under one name, an attempt under another name is told that the password is wrong, after the same time,
 * without checking it. Otherwise, counts would reveal which names exist, and which address belongs to which name.
 *
 * A browser whose cookie proves that it has logged in to the account is counted separately, so strangers cannot use up
 * its budget.
 */
import { createHash } from "node:crypto";
import type { AttemptCount, Permission } from "./attempt-count.js";
import { networkOf } from "../request/network.js";

/** The counts in Redis. */
export interface AttemptCounts {
  readonly pair: AttemptCount;
  readonly address: AttemptCount;
  readonly account: AttemptCount;
  readonly login: AttemptCount;
  /** Whether the account has logged in from the address before. */
  isKnown(key: string): Promise<boolean>;
  remember(key: string): Promise<void>;
  /** Runs the work, and decides what happens if Redis does not answer. */
  unlessDown<T>(work: () => Promise<T>): Promise<T | typeof allowed>;
}

/** Where an attempt comes from. */
export interface Origin {
  /** The visitor's IP address. IPv6 counts by its /64 network; everything that is not an address counts as one. */
  readonly address: string | undefined;
  /** Returns the name of the browser, if it has logged in to this account before. */
  readonly browserOf?: ((account: string) => string | undefined) | undefined;
}

/** `isHidden`: must look like a wrong password. */
export type Answer = Permission & { readonly isHidden?: boolean };

interface Taken {
  readonly count: AttemptCount;
  readonly key: string;
}

export const allowed = { ok: true } as const;

export class Attempt {
  readonly #counts: AttemptCounts;
  readonly #origin: Origin;
  readonly #place: string;
  #taken: Taken[] = [];
  #name = "";
  /** The key under which the account's attempts from here are counted. */
  #owner: string | undefined;
  #refusedByName: Permission = allowed;

  constructor(counts: AttemptCounts, origin: Origin) {
    this.#counts = counts;
    this.#origin = origin;
    this.#place = placeOf(origin.address);
  }

  /** Called before the account is looked up. `name` is normalized. */
  byName(name: string): Promise<Answer> {
    this.#name = name;
    return this.#counts.unlessDown(async () => {
      const { pair, address } = this.#counts;
      const answer = await this.#take([pair, hashOf("name", name, this.#place)], [address, hashOf(this.#place)]);
      if (answer.ok) return answer;
      await this.#giveBack();
      // Whether the account knows this browser is only known after the look-up.
      this.#refusedByName = answer;
      return this.#origin.browserOf ? allowed : answer;
    });
  }

  /** Called before the password is checked. `account` is the id of the account, if it exists. */
  byAccount(account: string | undefined): Promise<Answer> {
    const browser = account === undefined ? undefined : this.#origin.browserOf?.(account);
    return this.#counts.unlessDown(async () => {
      if (account !== undefined && browser !== undefined) return this.#byBrowser(account, browser);
      if (!this.#refusedByName.ok) return this.#refusedByName;
      const owner = account === undefined ? ["nobody", this.#name] : ["account", account];
      const here = (this.#owner = hashOf(...owner, this.#place));
      const [answer, isKnown] = await Promise.all([this.#take([this.#counts.pair, here]), this.#counts.isKnown(here)]);
      if (isKnown) return answer.ok ? this.#ifNotTooMany(account!) : hidden(answer);
      const byName = await this.#take([this.#counts.account, hashOf("name", this.#name)]);
      if (!byName.ok) return this.#refuse(byName);
      if (!answer.ok) return hidden(answer);
      const inAll = await this.#take([this.#counts.account, hashOf(...owner)]);
      return inAll.ok ? inAll : hidden(inAll);
    });
  }

  /** For a logged-in user: they know the account, so no refusal is hidden. */
  byOwner(account: string): Promise<Answer> {
    const browser = this.#origin.browserOf?.(account);
    return this.#counts.unlessDown(async () => {
      if (browser !== undefined) return this.#byBrowser(account, browser);
      const { pair, address } = this.#counts;
      const here = (this.#owner = hashOf("account", account, this.#place));
      const isKnown = await this.#counts.isKnown(here);
      const answer = await this.#take([pair, here], [address, hashOf(this.#place)]);
      if (!answer.ok) return this.#refuse(answer);
      if (isKnown) return this.#ifNotTooMany(account);
      const inAll = await this.#take([this.#counts.account, hashOf("account", account)]);
      return inAll.ok ? inAll : this.#refuse(inAll);
    });
  }

  /** The password was right: resets the failures from here, notes the address, and counts a successful login. */
  async succeeded(account: string): Promise<void> {
    await this.#counts.unlessDown(async () => {
      if (this.#owner !== undefined) await this.#counts.pair.reset(this.#owner);
      // After the account's count, and only this attempt: concurrent logins take from the name's count first. Otherwise
      // they could find the account's budget used up but not the name's, as if they used another name.
      await this.#giveBack((taken) => taken.key !== this.#owner);
      await Promise.all([
        this.#counts.remember(hashOf("account", account, this.#place)),
        this.#counts.login.take(hashOf("account", account)),
      ]);
      return allowed;
    });
  }

  /** Gives the attempt back, because no password was checked. */
  async undo(): Promise<void> {
    await this.#giveBack().catch(() => {}); // the caller reports the original error
  }

  /**
   * With the cookie, each address has its own count, so that a thief of the cookie uses up little of the owner's
   * budget.
   */
  async #byBrowser(account: string, browser: string): Promise<Answer> {
    await this.#giveBack();
    const { pair, account: all } = this.#counts;
    const owner = ["browser", account, browser];
    const here = (this.#owner = hashOf(...owner, this.#place));
    const answer = await this.#take([pair, here], [all, hashOf(...owner)]);
    return answer.ok ? this.#ifNotTooMany(account) : this.#refuse(answer);
  }

  /**
   * Successful logins are limited only where the account has logged in before: elsewhere, it would reveal that it
   * exists.
   */
  async #ifNotTooMany(account: string): Promise<Answer> {
    const answer = await this.#counts.login.peek(hashOf("account", account));
    return answer.ok ? answer : this.#refuse(answer);
  }

  /** A refused attempt is not counted. */
  async #refuse(answer: Permission): Promise<Answer> {
    await this.#giveBack();
    return answer;
  }

  /** Takes from each count in turn, until one refuses. */
  async #take(...counts: [AttemptCount, string][]): Promise<Permission> {
    for (const [count, key] of counts) {
      const answer = await count.take(key);
      if (!answer.ok) return answer;
      this.#taken.push({ count, key });
    }
    return allowed;
  }

  async #giveBack(which: (taken: Taken) => boolean = () => true): Promise<void> {
    const taken = this.#taken.splice(0).filter(which);
    await Promise.all(taken.map(({ count, key }) => count.giveBack(key)));
  }
}

function hidden(answer: Permission): Answer {
  return { ...answer, isHidden: true };
}

export function placeOf(address: string | undefined): string {
  return networkOf(address) ?? "nowhere";
}

/** Half of SHA-256 is enough to distinguish accounts. Hashes JSON, so that different parts never make the same text. */
export function hashOf(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16).toString("base64url");
}
