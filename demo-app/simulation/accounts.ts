/**
 * The accounts of the simulated visitors. They are always the same few, so that no run adds any, and they are made
 * without the shop's form, which would count against the registrations of whoever sits at this machine.
 */
import { randomBytes } from "node:crypto";
import { connectToRedis } from "holdfast";
import { hashPassword, RedisAccounts, type AccountStore } from "holdfast/auth";
import type { Credentials } from "./simulated-visitor.js";

/** The other visitors never log in. */
const count = 8;

/** Connects for as long as it takes. */
export async function makeAccountsInRedis(): Promise<Credentials[]> {
  const redis = connectToRedis();
  try {
    await redis.ready();
    return await makeAccounts(new RedisAccounts({ client: redis.client }));
  } finally {
    await redis.close().catch(() => {});
  }
}

/** Gives each account a new password. An account of somebody who only has such a name is left alone. */
export async function makeAccounts(accounts: AccountStore): Promise<Credentials[]> {
  const password = randomBytes(24).toString("base64url");
  const passwordHash = await hashPassword(password);
  const made: Credentials[] = [];
  for (let number = 1; number <= count; number++) {
    const username = `simulated-${number}`;
    const email = `${username}@shop.invalid`;
    const account = await accounts.findByUsername(username);
    const isReady = account
      ? account.email === email && (await accounts.changePassword(account.id, account.passwordHash, passwordHash))
      : typeof (await accounts.create({ username, email, passwordHash })) !== "string";
    if (isReady) made.push({ username, password });
  }
  return made;
}
