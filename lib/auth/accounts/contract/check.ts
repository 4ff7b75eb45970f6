/** The type of the contract's checks. */
import type { AccountStore } from "../account-store.js";

/** One check of `accountStoreContract`. */
export interface AccountStoreCheck {
  /** What it checks; suits as the name of a test. */
  readonly name: string;
  /** Rejects with an `AssertionError` if the store violates it. */
  check(store: AccountStore): Promise<void>;
}
