/** What an operator does to sessions; each action is told on the signal `holdfast:operator`. */
import type { EndedUser, SessionAdmin } from "../../ops/index.js";
import { signals } from "../../signals/index.js";
import type { OperatorSignal } from "../../signals/index.js";
import type { ConsoleOptions } from "../options.js";

export class Actions {
  readonly #admin: SessionAdmin;
  readonly #auth: ConsoleOptions["auth"];
  readonly #store: object;
  readonly #isMoving: () => boolean;

  constructor(admin: SessionAdmin, auth: ConsoleOptions["auth"], store: object, isMoving: () => boolean) {
    this.#admin = admin;
    this.#auth = auth;
    this.#store = store;
    this.#isMoving = isMoving;
  }

  /** False if there is no such session. */
  endSession(operator: string | undefined, hash: string): Promise<boolean> {
    const about = { action: "end-session", operator, session: hash.slice(0, 8) } as const;
    return this.tell(about, () => this.#admin.end(hash));
  }

  /** During a migration, only the logins can be ended, which is enough. */
  endUser(operator: string | undefined, user: string): Promise<EndedUser> {
    return this.tell({ action: "end-user", operator, user }, async () => {
      if (this.#auth) await this.#auth.endLogins(user);
      if (this.#auth && this.#isMoving()) return { sessions: 0, logins: true };
      return this.#admin.endUser(user);
    });
  }

  /** Does it, and tells it. */
  async tell<T>(about: Omit<OperatorSignal, "store" | "error">, work: () => Promise<T>): Promise<T> {
    let error: unknown;
    try {
      return await work();
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      if (signals.operator.isHeard) signals.operator.send({ store: this.#store, ...about, error });
    }
  }
}
