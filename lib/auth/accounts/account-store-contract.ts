/** The contract of account stores, as checks that an app runs against its own. */
import { changing } from "./contract/changing.js";
import type { AccountStoreCheck } from "./contract/check.js";
import { making } from "./contract/making.js";

export type { AccountStoreCheck } from "./contract/check.js";

/**
 * The contract of `AccountStore`. Run each check with your store, connected to a real database: some races happen only
 * between connections. Every check uses its own random names, so the database may contain other accounts, and the
 * checks may run concurrently. The accounts that they create are not removed.
 *
 *     import { test } from "node:test"; // or from "vitest"
 *     import { accountStoreContract } from "holdfast/auth";
 *
 *     for (const { name, check } of accountStoreContract) test(name, () => check(store));
 */
export const accountStoreContract: readonly AccountStoreCheck[] = [...making, ...changing];
