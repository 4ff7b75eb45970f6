/** What `sessionAdmin()` returns. */
import type { UserId } from "../../auth/accounts/user-id.js";
import type { Device } from "../../auth/logins/device-list.js";
import type { EndedUser } from "./end-sessions.js";
import type { ProgressOptions } from "./progress-options.js";
import type { ExportedSession, ImportResult } from "./session-export.js";
import type { SessionFilter, SessionSummary } from "./summaries.js";

/** One session, as `show` returns it. */
export interface ShownSession extends SessionSummary {
  /** All 64 digits of the SHA-256 of its id. */
  readonly hash: string;
  /** The format in which Redis has it. */
  readonly layout: "json" | "hash";
  /** Its values, with `***` in place of what looks secret, and of its id; `undefined` if it cannot be read. */
  readonly data: { readonly [key: string]: unknown } | undefined;
}

/** The options of `clear`. */
export interface ClearOptions extends ProgressOptions {
  /**
   * Also remove strings and hashes under the prefix that cannot be read as sessions.
   *
   * @default false
   */
  readonly unreadable?: boolean | undefined;
}

/**
 * The sessions in Redis. A session is named by the short hash that messages and signals name, and `list` returns; more
 * digits are accepted, and needed where two sessions share the first ones. All methods reject with
 * `SESSION_STORE_UNAVAILABLE` if Redis fails.
 */
export interface SessionAdmin {
  /**
   * How many there are, without reading them: what cannot be read as a session is counted too.
   *
   * @example console.log(await admin.count());
   */
  count(options?: ProgressOptions): Promise<number>;

  /**
   * Iterates over all sessions, or some of them, in no order; Redis is read only as fast as they are taken.
   *
   * @throws HoldfastError `HOLDFAST_OPTION_INVALID` for a filter that is no number
   *
   * @example
   * for await (const { session, user } of admin.list({ idle: 7 * 86_400 })) console.log(session, user);
   */
  list(filter?: SessionFilter, options?: ProgressOptions): AsyncIterable<SessionSummary>;

  /**
   * One session and its values; `undefined` if there is none.
   *
   * @throws HoldfastError `HOLDFAST_SESSION_AMBIGUOUS`, `HOLDFAST_OPTION_INVALID` if it is no hash
   *
   * @example console.log((await admin.show("8ae07a40"))?.data);
   */
  show(hash: string, options?: ProgressOptions): Promise<ShownSession | undefined>;

  /**
   * The user's logins in the list of `holdfast/auth`, at once, most recently seen first; empty without `holdfast/auth`.
   * Contains logins that have timed out meanwhile and whose visitor has not come back.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`
   *
   * @example for (const { agent, where, seen } of await admin.logins("42")) console.log(agent, where, new Date(seen));
   */
  logins(user: UserId): Promise<Device[]>;

  /**
   * Ends one session, and its login in `holdfast/auth`, as a logout does; false if there is none.
   *
   * @throws HoldfastError `HOLDFAST_SESSION_AMBIGUOUS`, `HOLDFAST_OPTION_INVALID` if it is no hash
   *
   * @example await admin.end("8ae07a40");
   */
  end(hash: string, options?: ProgressOptions): Promise<boolean>;

  /**
   * Ends all logins of a user in `holdfast/auth`, at once, and then all their sessions.
   *
   * @throws HoldfastError `HOLDFAST_USER_ID_INVALID`; `HOLDFAST_MOVE_REFUSED` during a migration
   *
   * @example await admin.endUser("42");
   */
  endUser(user: UserId, options?: ProgressOptions): Promise<EndedUser>;

  /**
   * All sessions with their ids, for `import`. Keep them as secret as passwords.
   *
   * @example for await (const session of admin.export()) log.info(session.expires);
   */
  export(options?: ProgressOptions): AsyncIterable<ExportedSession>;

  /**
   * Writes exported sessions. Overwrites nothing, and each expires when it would have.
   *
   * @throws HoldfastError `HOLDFAST_OPTION_INVALID`; `HOLDFAST_MOVE_REFUSED` during a migration
   *
   * @example await admin.import(otherAdmin.export());
   */
  import(
    sessions: AsyncIterable<ExportedSession> | Iterable<ExportedSession>,
    options?: ProgressOptions,
  ): Promise<ImportResult>;

  /**
   * Ends all sessions; returns how many. What cannot be read as a session stays, unless `unreadable` says otherwise.
   *
   * @throws HoldfastError `HOLDFAST_MOVE_REFUSED` during a migration
   *
   * @example await admin.clear();
   */
  clear(options?: ClearOptions): Promise<number>;
}
