/** What every account store must do, as checks that an app runs against its own. */
import { changing } from "./contract/changing.js";
import type { AccountStoreCheck } from "./contract/check.js";
import { making } from "./contract/making.js";

export type { AccountStoreCheck } from "./contract/check.js";

/**
 * The contract of `AccountStore`. Give each check your store, connected to a real database: the races show what only
 * happens between connections. Every check makes names of its own, so the database may hold other accounts, and the
 * checks may run side by side; the accounts that they make stay there.
 *
 *     import { test } from "node:test"; // or from "vitest"
 *     import { accountStoreContract } from "holdfast/auth";
 *
 *     for (const { name, check } of accountStoreContract) test(name, () => check(store));
 */
export const accountStoreContract: readonly AccountStoreCheck[] = [...making, ...changing];
