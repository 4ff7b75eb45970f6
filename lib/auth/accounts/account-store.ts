/** The contract between logins and an app's user table. */

/** An account as stored. */
export interface Account {
  /** Never changes and is never reused; stored in sessions. */
  readonly id: string;
  /** As its owner wrote it; looked up in the form that `normalizeUsername` returns. */
  readonly username: string;
  /** As its owner wrote it; looked up in the form that `normalizeEmail` returns. */
  readonly email?: string | undefined;
  /** What `hashPassword` returned, or a hash of an older system. Only used to check a password. */
  readonly passwordHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Its owner cannot log in. */
  readonly isDisabled: boolean;
}

/** What a new account is created from. */
export type NewAccount = Pick<Account, "username" | "email" | "passwordHash">;

/**
 * Stores accounts. "Not found" and "taken" are results; an error always means that the store itself failed, and a store
 * must never turn one into the other. `accountStoreContract` checks an implementation.
 */
export interface AccountStore {
  /**
   * Creates an account, or returns what is already taken. Of concurrent calls for one user name or one e-mail address,
   * exactly one creates an account. A call that fails with an error leaves both free, after a minute at the latest.
   */
  create(account: NewAccount): Promise<Account | "username-taken" | "email-taken">;
  /** The account with this id. */
  findById(id: string): Promise<Account | undefined>;
  /** The account with this user name, ignoring case. Takes the same time whether it exists or not. */
  findByUsername(username: string): Promise<Account | undefined>;
  /** The account with this e-mail address, ignoring case. Takes the same time whether it exists or not. */
  findByEmail(email: string): Promise<Account | undefined>;
  /** Replaces the hash `from` by `to`, atomically. False if the account has another hash, or does not exist. */
  changePassword(id: string, from: string, to: string): Promise<boolean>;
  /** Disables or enables an account. False if there is no such account. */
  setDisabled(id: string, isDisabled: boolean): Promise<boolean>;
  /** Removes an account, and frees its user name and e-mail address. False if there was none. */
  remove(id: string): Promise<boolean>;
}
