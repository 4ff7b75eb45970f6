/** One thing that an account store must do. */
import type { AccountStore } from "../account-store.js";

export interface AccountStoreCheck {
  readonly name: string;
  /** Rejects with an `AssertionError` where the store does something else. */
  check(store: AccountStore): Promise<void>;
}
