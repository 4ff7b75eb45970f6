/** Where accounts live: the contract between the login and an app's own user table. */

/** An account as it is stored. */
export interface Account {
  /** Never changes and is never used again; sessions carry it. */
  readonly id: string;
  /** As its owner wrote it; looked up without regard to case. */
  readonly username: string;
  /** What `hashPassword` returned. Leaves the store for checking a password only. */
  readonly passwordHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export type NewAccount = Pick<Account, "username" | "passwordHash">;

/**
 * Three questions and their answers. "Not there" is an answer (`undefined`); an error always means that the store
 * itself is in trouble, and no store turns one into the other.
 */
export interface AccountStore {
  /**
   * Makes an account, or answers `"taken"` when another one has that user name. Of two calls that race for one name
   * exactly one makes an account; a call that fails with an error leaves the name free, at the latest a minute later.
   */
  create(account: NewAccount): Promise<Account | "taken">;
  /** The account with this id. */
  findById(id: string): Promise<Account | undefined>;
  /** The account with this user name, whatever its case. Takes the same time whether there is one or not. */
  findByUsername(username: string): Promise<Account | undefined>;
}
