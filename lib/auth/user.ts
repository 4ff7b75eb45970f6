/** What a request knows about who is logged in: the account without its password. */
import type { Account } from "./account-store.js";

export interface User {
  readonly id: string;
  readonly username: string;
  readonly email?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** `req.user` ends up in views and logs, so the hash never gets that far. */
export function publicUser({ id, username, email, createdAt }: Account): User {
  return { id, username, createdAt, ...(email !== undefined && { email }) };
}
