/** A user's logins in the list of `holdfast/auth`, and their end. */
import type { RedisSessionStore } from "../../express-session/index.js";
import { HoldfastError } from "../../errors/index.js";
import { userId, type UserId } from "../../auth/accounts/user-id.js";
import { DeviceList, type Device } from "../../auth/logins/device-list.js";
import { defaultTimeouts, readLogin, type LoginTimeouts } from "../../auth/logins/login-record.js";
import { checkClient, guardClient, type GuardedClient } from "../../redis/index.js";

/** Whatever the app's timeouts are, no login is left out because of ours. */
const never = { idle: Infinity, absolute: Infinity };
const noTimeouts: LoginTimeouts = { usual: never, remembered: never };

export class UserLogins {
  readonly #client: GuardedClient;
  readonly #prefix: string;

  /** @param prefix the option `prefix` of `localAuth()` */
  constructor({ client }: RedisSessionStore, prefix: string) {
    const given: unknown = client;
    checkClient(given);
    this.#client = guardClient(given);
    this.#prefix = prefix;
  }

  /** Most recently seen first. */
  list(user: UserId): Promise<Device[]> {
    return this.#devices(noTimeouts).list(checkedUser(user));
  }

  /** Whether the user has a list. Without one, none of their logins is valid. */
  async hasList(user: string): Promise<boolean> {
    const key = `${this.#prefix}devices:${user}`;
    return Number(await this.#client.send(key, (client) => client.exists(key))) === 1;
  }

  async endAll(user: string): Promise<void> {
    await this.#devices(defaultTimeouts).endAll(user);
  }

  /** Ends the login of a session that was destroyed. Without rights for the list, it stays there until it times out. */
  async endIn(values: object | undefined): Promise<void> {
    const login = readLogin(values);
    if (!login) return;
    await this.#devices(defaultTimeouts)
      .end(login.user.id, login)
      .catch((error: unknown) => {
        if (!isForbidden(error)) throw error;
      });
  }

  #devices(timeouts: LoginTimeouts): DeviceList {
    return new DeviceList(this.#client, { prefix: this.#prefix, timeouts });
  }
}

/** @throws HoldfastError `HOLDFAST_USER_ID_INVALID` */
export function checkedUser(user: UserId): string {
  return userId(user, "The named user");
}

/** Apps without `holdfast/auth` need no rights for its keys. */
export function isForbidden(error: unknown): error is HoldfastError {
  return HoldfastError.is(error) && error.reason === "no-permission";
}
