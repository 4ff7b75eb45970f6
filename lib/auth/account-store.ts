/** Where accounts live: the contract between the login and an app's own user table. */

/** An account as it is stored. */
export interface Account {
  /** Never changes and is never used again; sessions carry it. */
  readonly id: string;
  /** As its owner wrote it; looked up in the form that `normaliseUsername` gives it. */
  readonly username: string;
  /** As its owner wrote it; looked up in the form that `normaliseEmail` gives it. */
  readonly email?: string | undefined;
  /** What `hashPassword` returned, or a hash of an older system. Leaves the store for checking a password only. */
  readonly passwordHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Nobody can log in to it. */
  readonly isDisabled: boolean;
}

export type NewAccount = Pick<Account, "username" | "email" | "passwordHash">;

/**
 * Questions and their answers. "Not there" and "taken" are answers; an error always means that the store itself is in
 * trouble, and no store turns one into the other. `accountStoreContract` holds what every implementation must do.
 */
export interface AccountStore {
  /**
   * Makes an account, or says what another one has already. Of calls that race for one user name, or for one e-mail
   * address, exactly one makes an account; a call that fails with an error leaves both free, at the latest a minute later.
   */
  create(account: NewAccount): Promise<Account | "username-taken" | "email-taken">;
  /** The account with this id. */
  findById(id: string): Promise<Account | undefined>;
  /** The account with this user name, whatever its case. Takes the same time whether there is one or not. */
  findByUsername(username: string): Promise<Account | undefined>;
  /** The account with this e-mail address, whatever its case. Takes the same time whether there is one or not. */
  findByEmail(email: string): Promise<Account | undefined>;
  /** Puts the hash `to` in the place of `from`, in one atomic step. False: the account has another one, or is gone. */
  changePassword(id: string, from: string, to: string): Promise<boolean>;
  /** False: there is no such account. */
  setDisabled(id: string, isDisabled: boolean): Promise<boolean>;
  /** The account is gone, and its user name and e-mail address are free. False: there was none. */
  remove(id: string): Promise<boolean>;
}
