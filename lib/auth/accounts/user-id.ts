/** User ids from the app: strings, and numbers, which become strings. Pure. */
import { toUSVString } from "node:util";
import { codes, HoldfastError, propertyOf } from "../../errors/index.js";
import type { Account, AccountStore } from "./account-store.js";
import type { User } from "./user.js";

/** A user id as apps use it. A number becomes a string. */
export type UserId = string | number | bigint;

/** A user as the app passes it. */
export type GivenUser = Omit<User, "id"> & { readonly id: UserId };

/**
 * The id as used in sessions and keys; undefined if it is not valid. A lone surrogate is not: Redis would store any two
 * of them under the same key.
 */
export function asUserId(id: unknown): string | undefined {
  if (typeof id === "string") return id !== "" && toUSVString(id) === id ? id : undefined;
  return Number.isSafeInteger(id) || typeof id === "bigint" ? String(id) : undefined;
}

/** What a session holds of a value once it is stored: of an ObjectId of MongoDB, its text. */
export function storedForm(value: unknown): unknown {
  const toJson = propertyOf(value, "toJSON");
  return typeof toJson === "function" ? Reflect.apply(toJson, value, [""]) : value;
}

/** @throws HoldfastError `HOLDFAST_USER_ID_INVALID` */
export function userId(id: unknown, whose: string): string {
  const text = asUserId(id);
  if (text !== undefined) return text;
  throw new HoldfastError(
    codes.USER_ID_INVALID,
    `${whose} has ${described(id)} as its id. An id must be a non-empty string, a safe integer or a bigint, and must ` +
      "never change. Convert it, for example with `String(user.id)` or `user._id.toString()`.",
  );
}

/**
 * The user as stored in the session. An app may pass an account of its store, whose password hash must not get there.
 *
 * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
 */
export function userWithId(user: GivenUser): User {
  const stored: User = { ...user, id: userId(propertyOf(user, "id"), "The given user") };
  for (const name of ["passwordHash", "isDisabled"] satisfies (keyof Account)[]) Reflect.deleteProperty(stored, name);
  return stored;
}

/**
 * Checks that what passport gets to store means the same user, whom the next request would otherwise log in.
 *
 * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
 */
export function checkSerialized(serialized: string | undefined, user: User): void {
  if (serialized === user.id) return;
  throw new HoldfastError(
    codes.USER_ID_INVALID,
    "The option `serialized` of a login does not identify the user who is logging in, so nobody was logged in. " +
      "It must be the user's id, have it as `id`, or be something from which `userIdOf` extracts it. " +
      "Never pass on what a visitor sent.",
  );
}

/** The app's account store, with numeric ids converted to strings. */
export function withTextIds(accounts: AccountStore): AccountStore {
  const withText = <T extends Account | string | undefined>(account: T): T => {
    if (typeof account !== "object" || account === null) return account;
    const id = userId(account.id, "An account of the account store");
    return id === account.id ? account : { ...account, id };
  };
  return {
    create: async (account) => withText(await accounts.create(account)),
    findById: async (id) => withText(await accounts.findById(id)),
    findByUsername: async (username) => withText(await accounts.findByUsername(username)),
    findByEmail: async (email) => withText(await accounts.findByEmail(email)),
    changePassword: (id, from, to) => accounts.changePassword(id, from, to),
    setDisabled: (id, isDisabled) => accounts.setDisabled(id, isDisabled),
    remove: (id) => accounts.remove(id),
  };
}

function described(id: unknown): string {
  if (id === undefined || id === null) return String(id);
  if (id === "") return "an empty string";
  if (typeof id === "string") return "a string that is not valid Unicode";
  if (typeof id === "number") return `the number ${id}, which is not a safe integer,`;
  return typeof id === "object" ? "an object" : `a ${typeof id}`;
}
