/**
 * Accounts in PostgreSQL, for `pg`: one table, where two unique indexes decide who gets a name.
 *
 *     const pool = new Pool({ connectionString: process.env.DATABASE_URL });
 *     await pool.query(PostgresAccounts.createTable);
 *     const auth = localAuth({ sessions, accounts: new PostgresAccounts(pool) });
 *
 * Every method is one statement, so that no two of them can come between each other; only `create` asks a second time
 * when it was refused, to tell why.
 */
import { randomUUID } from "node:crypto";
import { type Account, type AccountStore, type NewAccount, normalizeEmail, normalizeUsername } from "holdfast/auth";

/** What is used of `Pool`; a `Client` of `pg` has it too. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: object[]; rowCount: number | null }>;
}

interface Row {
  id: string;
  username: string;
  email: string | null;
  password_hash: string;
  created_at: Date;
  is_disabled: boolean;
}

export class PostgresAccounts implements AccountStore {
  /** Names are kept twice: as they were written, and as they are compared. */
  static readonly createTable = `
    CREATE TABLE IF NOT EXISTS accounts (
      id            text        PRIMARY KEY,
      username      text        NOT NULL,
      username_key  text        NOT NULL UNIQUE,
      email         text,
      email_key     text        UNIQUE,
      password_hash text        NOT NULL,
      created_at    timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
      is_disabled   boolean     NOT NULL DEFAULT false
    )`;

  readonly #pool: Queryable;

  constructor(pool: Queryable) {
    this.#pool = pool;
  }

  async create({ username, email, passwordHash }: NewAccount): Promise<Account | "username-taken" | "email-taken"> {
    const keys = [normalizeUsername(username), email === undefined ? null : normalizeEmail(email)];
    for (;;) {
      const [made] = await this.#rows<Row>(
        `INSERT INTO accounts (id, username, email, password_hash, username_key, email_key)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING *`,
        [randomUUID(), username, email ?? null, passwordHash, ...keys],
      );
      if (made) return accountOf(made);
      const [taken] = await this.#rows<{ is_username: boolean }>(
        `SELECT username_key = $1 AS is_username FROM accounts WHERE username_key = $1 OR email_key = $2
         ORDER BY is_username DESC LIMIT 1`,
        keys,
      );
      if (taken) return taken.is_username ? "username-taken" : "email-taken";
      // Whoever had it has been removed in between, so it is free now.
    }
  }

  findById(id: string): Promise<Account | undefined> {
    return this.#find("id", id);
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return this.#find("username_key", normalizeUsername(username));
  }

  findByEmail(email: string): Promise<Account | undefined> {
    return this.#find("email_key", normalizeEmail(email));
  }

  changePassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#hasChanged("UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2", [
      id,
      from,
      to,
    ]);
  }

  setDisabled(id: string, isDisabled: boolean): Promise<boolean> {
    return this.#hasChanged("UPDATE accounts SET is_disabled = $2 WHERE id = $1", [id, isDisabled]);
  }

  remove(id: string): Promise<boolean> {
    return this.#hasChanged("DELETE FROM accounts WHERE id = $1", [id]);
  }

  async #find(column: "id" | "username_key" | "email_key", value: string): Promise<Account | undefined> {
    const [row] = await this.#rows<Row>(`SELECT * FROM accounts WHERE ${column} = $1`, [value]);
    return row && accountOf(row);
  }

  async #hasChanged(statement: string, values: unknown[]): Promise<boolean> {
    return (await this.#pool.query(statement, values.map(storable))).rowCount === 1;
  }

  async #rows<T>(statement: string, values: unknown[]): Promise<T[]> {
    return (await this.#pool.query(statement, values.map(storable))).rows as T[];
  }
}

/** PostgreSQL answers a zero byte with an error, and a visitor who types one is no reason for an error page. */
function storable(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
}

function accountOf(row: Row): Account {
  return {
    id: row.id,
    username: row.username,
    email: row.email ?? undefined,
    passwordHash: row.password_hash,
    createdAt: row.created_at.getTime(),
    isDisabled: row.is_disabled,
  };
}
