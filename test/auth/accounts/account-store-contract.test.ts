/** The contract can be kept, and can be failed: each of its checks finds one of these mistakes at least. */
import { describe, expect, it } from "vitest";
import {
  type Account,
  accountStoreContract,
  type AccountStore,
  type NewAccount,
  normalizeEmail,
  normalizeUsername,
} from "holdfast/auth";

/** What a database on another machine does: others have their turn in between. */
const roundTrip = () => new Promise((resolve) => setImmediate(resolve));

/** A right one. Nothing waits between looking and writing. */
class AccountsInMemory implements AccountStore {
  protected readonly accounts = new Map<string, Account>();
  #ids = 0;

  async create(wanted: NewAccount): Promise<Account | "username-taken" | "email-taken"> {
    await roundTrip();
    return this.taken(wanted) ?? this.insert(wanted);
  }
  async findById(id: string): Promise<Account | undefined> {
    await roundTrip();
    return this.accounts.get(id);
  }
  async findByUsername(username: string): Promise<Account | undefined> {
    await roundTrip();
    return this.find(({ username: other }) => this.nameForm(other) === this.nameForm(username));
  }
  async findByEmail(email: string): Promise<Account | undefined> {
    await roundTrip();
    return this.find((other) => other.email !== undefined && this.emailForm(other.email) === this.emailForm(email));
  }
  async changePassword(id: string, from: string, to: string): Promise<boolean> {
    await roundTrip();
    return this.accounts.get(id)?.passwordHash === from && this.update(id, { passwordHash: to });
  }
  async setDisabled(id: string, isDisabled: boolean): Promise<boolean> {
    await roundTrip();
    return this.update(id, { isDisabled });
  }
  async remove(id: string): Promise<boolean> {
    await roundTrip();
    return this.accounts.delete(id);
  }

  protected nameForm(username: string): string {
    return normalizeUsername(username);
  }
  protected emailForm(email: string): string {
    return normalizeEmail(email);
  }
  protected find(fits: (account: Account) => boolean): Account | undefined {
    return [...this.accounts.values()].find(fits);
  }
  protected taken({ username, email }: NewAccount): "username-taken" | "email-taken" | undefined {
    if (this.find((other) => this.nameForm(other.username) === this.nameForm(username))) return "username-taken";
    if (email === undefined) return undefined;
    const form = this.emailForm(email);
    return this.find((other) => other.email !== undefined && this.emailForm(other.email) === form) && "email-taken";
  }
  protected insert(wanted: NewAccount): Account {
    const account = { ...wanted, id: this.newId(), createdAt: Date.now(), isDisabled: false };
    this.accounts.set(account.id, account);
    return account;
  }
  protected newId(): string {
    return String(1000 + this.#ids++);
  }
  protected update(id: string, change: Partial<Account>): boolean {
    const account = this.accounts.get(id);
    if (account) this.accounts.set(id, { ...account, ...change });
    return account !== undefined;
  }
}

/** The names of the checks that found something. */
const failed = new Set<string>();

async function failuresOf(store: AccountStore): Promise<string[]> {
  const failures: string[] = [];
  for (const { name, check } of accountStoreContract)
    await check(store).catch((error: unknown) => {
      if (!(error instanceof Error)) throw error;
      failures.push(name);
      failed.add(name);
    });
  return failures;
}

describe("the contract", () => {
  it("is kept by a store that is right", async () => {
    expect(await failuresOf(new AccountsInMemory())).toEqual([]);
  });

  it("can be kept by one store in all its checks at once", async () => {
    const store = new AccountsInMemory();
    await Promise.all(accountStoreContract.map(({ check }) => check(store)));
  });

  const mistakes: Record<string, [store: AccountStore, found: string[]]> = {
    "looks whether names are free, and writes then": [
      new (class extends AccountsInMemory {
        override async create(wanted: NewAccount) {
          const taken = this.taken(wanted);
          await roundTrip();
          return taken ?? this.insert(wanted);
        }
      })(),
      [
        "of fifty concurrent calls for a user name, exactly one succeeds, and the other e-mail addresses stay free",
        "of fifty concurrent calls for an e-mail address, exactly one succeeds, and the other user names stay free",
        "of fifty concurrent calls for both, exactly one succeeds",
      ],
    ],
    "keeps the names of whom it refused": [
      new (class extends AccountsInMemory {
        override async create(wanted: NewAccount) {
          const taken = this.taken(wanted);
          if (!taken) return this.insert(wanted);
          const kept = { passwordHash: "h", email: taken === "username-taken" ? wanted.email : undefined };
          this.insert({ ...kept, username: taken === "email-taken" ? wanted.username : crypto.randomUUID() });
          return taken;
        }
      })(),
      [
        "after a refusal for a taken user name, the e-mail address is still free",
        "after a refusal for a taken e-mail address, the user name is still free",
      ],
    ],
    "knows no Unicode": [
      new (class extends AccountsInMemory {
        protected override nameForm = (username: string) => username.toLowerCase();
        protected override emailForm = (email: string) => email.toLowerCase();
      })(),
      ["all spellings of a user name are the same name", "all spellings of an e-mail address are the same address"],
    ],
    "keeps names in the form in which they are compared": [
      new (class extends AccountsInMemory {
        protected override insert(wanted: NewAccount) {
          return super.insert({ ...wanted, username: normalizeUsername(wanted.username) });
        }
      })(),
      [
        "an account is found by id, user name and e-mail address, unchanged",
        "unusual characters and long texts are stored unchanged",
      ],
    ],
    "takes no address for an empty one": [
      new (class extends AccountsInMemory {
        override create(wanted: NewAccount) {
          return super.create({ ...wanted, email: wanted.email ?? "" });
        }
      })(),
      ["the e-mail address is optional, and any number of accounts may have none"],
    ],
    "has one index for both kinds of names": [
      new (class extends AccountsInMemory {
        override async findByUsername(name: string) {
          return (await super.findByUsername(name)) ?? (await super.findByEmail(name));
        }
      })(),
      ["user names and e-mail addresses are not mixed up"],
    ],
    "counts its accounts for an id": [
      new (class extends AccountsInMemory {
        protected override newId = () => String(this.accounts.size + 1);
      })(),
      ["no two accounts have the same id, even after the first was removed"],
    ],
    "replaces an account that has both names": [
      new (class extends AccountsInMemory {
        override async create(wanted: NewAccount) {
          const other = await this.findByUsername(wanted.username);
          if (other && this.taken({ ...wanted, username: "" })) this.accounts.delete(other.id);
          return super.create(wanted);
        }
      })(),
      ["if both are taken, by one account or by two, the result names one of them"],
    ],
    "looks at the password, and changes it then": [
      new (class extends AccountsInMemory {
        override async changePassword(id: string, from: string, to: string) {
          const account = await this.findById(id);
          await roundTrip();
          return account?.passwordHash === from && this.update(id, { passwordHash: to });
        }
      })(),
      ["of twenty concurrent changes of one password, exactly one succeeds"],
    ],
    "changes a password whatever it was": [
      new (class extends AccountsInMemory {
        override changePassword = async (id: string, from: string, to: string) => this.update(id, { passwordHash: to });
      })(),
      ["a password is changed only if the given hash is the current one"],
    ],
    "says whether disabling changed anything": [
      new (class extends AccountsInMemory {
        override async setDisabled(id: string, isDisabled: boolean) {
          return (await this.findById(id))?.isDisabled !== isDisabled && this.update(id, { isDisabled });
        }
      })(),
      ["an account can be disabled and enabled repeatedly"],
    ],
    "reads an account and writes it back": [
      new (class extends AccountsInMemory {
        override async setDisabled(id: string, isDisabled: boolean) {
          const account = await this.findById(id);
          await roundTrip();
          if (account) this.accounts.set(id, { ...account, isDisabled });
          return account !== undefined;
        }
      })(),
      [
        "a password change and disabling at the same time both take effect",
        "nothing brings an account back that is being removed",
      ],
    ],
    "makes what it should change": [
      new (class extends AccountsInMemory {
        readonly #removed = new Map<string, Account>();
        override async remove(id: string) {
          const account = this.accounts.get(id);
          if (account) this.#removed.set(id, account);
          return super.remove(id);
        }
        override async setDisabled(id: string, isDisabled: boolean) {
          const account = this.accounts.get(id) ?? this.#removed.get(id);
          if (account) this.accounts.set(id, { ...account, isDisabled });
          return account !== undefined;
        }
      })(),
      ["nothing brings a removed account back"],
    ],
    "frees a name without looking whose it is": [
      new (class extends AccountsInMemory {
        readonly #owners = new Map<string, string>();
        #removals = 0;
        override async create(wanted: NewAccount) {
          await roundTrip();
          if (this.#owners.has(wanted.username)) return "username-taken" as const;
          const account = this.insert(wanted);
          this.#owners.set(account.username, account.id);
          return account;
        }
        override async findByUsername(username: string) {
          return this.findById(this.#owners.get(username) ?? "");
        }
        override async remove(id: string) {
          const account = this.accounts.get(id);
          for (let trips = this.#removals++ % 2; trips >= 0; trips--) await roundTrip();
          if (account) this.#owners.delete(account.username);
          return this.accounts.delete(id);
        }
      })(),
      ["a late removal does not free a name that has a new owner"],
    ],
    "hides what is removed, and keeps its names": [
      new (class extends AccountsInMemory {
        readonly #names = new Set<string>();
        override async create(wanted: NewAccount) {
          if (this.#names.has(wanted.username)) return "username-taken" as const;
          const answer = await super.create(wanted);
          if (typeof answer !== "string") this.#names.add(wanted.username);
          return answer;
        }
      })(),
      ["a removed account cannot be found, and its names are free"],
    ],
    "says of every removal that it was the one": [
      new (class extends AccountsInMemory {
        override async remove(id: string) {
          const account = await this.findById(id);
          await roundTrip();
          this.accounts.delete(id);
          return account !== undefined;
        }
      })(),
      ["of twenty concurrent removals of one account, exactly one succeeds"],
    ],
    "answers odd questions with an error": [
      new (class extends AccountsInMemory {
        override async findByUsername(username: string) {
          if (username.includes("\0")) throw new Error("invalid byte sequence");
          return super.findByUsername(username);
        }
      })(),
      ["a missing account is a result and not an error, for any input"],
    ],
  };

  it.each(Object.entries(mistakes))("finds a store that %s", async (_, [store, found]) => {
    expect(await failuresOf(store)).toEqual(expect.arrayContaining(found));
  });

  it("has no check that finds none of these", ({ skip }) => {
    skip(failed.size === 0, "needs the tests above");
    expect(accountStoreContract.map(({ name }) => name).filter((name) => !failed.has(name))).toEqual([]);
  });
});
