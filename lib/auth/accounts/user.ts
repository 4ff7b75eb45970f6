/** The logged-in user on a request: the account without its password. */
import type { Account } from "./account-store.js";

/** An account, without what only its store needs. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly email?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** `req.user` ends up in views and logs, so it must not contain the hash. */
export function publicUser({ id, username, email, createdAt }: Account): User {
  return { id, username, createdAt, ...(email !== undefined && { email }) };
}
