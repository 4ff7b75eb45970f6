/** The contract of an account store in a few lines, for tests that are not about accounts. */
import { normalizeEmail, normalizeUsername, type Account, type AccountStore, type NewAccount } from "holdfast/auth";

export class AccountsInMemory implements AccountStore {
  readonly all = new Map<string, Account>();
  #made = 0;

  async create({ username, email, passwordHash }: NewAccount) {
    if (this.#named(username)) return "username-taken" as const;
    if (email !== undefined && this.#reachedAt(email)) return "email-taken" as const;
    const id = String(++this.#made);
    const account = { id, username, email, passwordHash, createdAt: Date.now(), isDisabled: false };
    this.all.set(id, account);
    return account;
  }
  async findById(id: string) {
    return this.all.get(id);
  }
  async findByUsername(username: string) {
    return this.#named(username);
  }
  async findByEmail(email: string) {
    return this.#reachedAt(email);
  }
  async changePassword(id: string, from: string, to: string) {
    return this.all.get(id)?.passwordHash === from && this.#change(id, { passwordHash: to });
  }
  async setDisabled(id: string, isDisabled: boolean) {
    return this.#change(id, { isDisabled });
  }
  async remove(id: string) {
    return this.all.delete(id);
  }

  #named(username: string) {
    const name = normalizeUsername(username);
    return [...this.all.values()].find((account) => normalizeUsername(account.username) === name);
  }
  #reachedAt(email: string) {
    const address = normalizeEmail(email);
    return [...this.all.values()].find((one) => one.email !== undefined && normalizeEmail(one.email) === address);
  }
  #change(id: string, changes: Partial<Account>) {
    const account = this.all.get(id);
    if (account) this.all.set(id, { ...account, ...changes });
    return account !== undefined;
  }
}
