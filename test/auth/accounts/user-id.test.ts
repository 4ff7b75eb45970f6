/** User ids from the app: which are taken, what becomes of numbers, and what never reaches a session. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountStore } from "../../../lib/auth/accounts/account-store.js";
import {
  asUserId,
  checkSerialized,
  storedForm,
  userId,
  userWithId,
  withTextIds,
  type GivenUser,
} from "../../../lib/auth/accounts/user-id.js";

const invalid = expect.objectContaining({ code: "HOLDFAST_USER_ID_INVALID" }) as Error;

it("two different ids never become one text, and a number is its text", () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)); // half a character, too
  const digits = fc.integer({ min: -99, max: 99 });
  const ids = fc.oneof(
    fc.string({ unit, maxLength: 3 }),
    fc.maxSafeInteger(),
    digits,
    digits.map(String),
    digits.map(BigInt),
  );
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      const [first, second] = [asUserId(one), asUserId(other)];
      if (first === undefined || second === undefined) return;
      expect(first === second).toBe(String(one) === String(other));
      expect(Buffer.from(first).toString()).toBe(first);
    }),
  );
});

it.each<[unknown, string]>([
  ["7", "7"],
  ["ä💡", "ä💡"],
  [0, "0"],
  [-7, "-7"],
  [2n ** 64n, "18446744073709551616"],
])("%o is taken as %j", (id, text) => {
  expect(userId(id, "A user")).toBe(text);
  expect(asUserId(id)).toBe(text);
});

it.each<[unknown, string]>([
  [undefined, "has undefined as its id"],
  [null, "has null as its id"],
  ["", "has an empty string as its id"],
  ["\ud800", "has a string that is not valid Unicode as its id"],
  [1.5, "has the number 1.5, which is not a safe integer, as its id"],
  [2 ** 53, "has the number 9007199254740992, which is not a safe integer, as its id"],
  [{ toString: () => "7" }, "has an object as its id"],
  [true, "has a boolean as its id"],
])("%o is refused: it %s", (id, words) => {
  expect(asUserId(id)).toBeUndefined();
  expect(() => userId(id, "A user")).toThrow(invalid);
  expect(() => userId(id, "A user")).toThrow(`A user ${words}.`);
});

describe("the user in a session", () => {
  it("is the given one with the id as text, without what only an account has", () => {
    const given = { id: 7, username: "Ada", createdAt: 0, role: "admin", passwordHash: "$2b$", isDisabled: false };
    expect(userWithId(given)).toEqual({ id: "7", username: "Ada", createdAt: 0, role: "admin" });
    expect(given).toMatchObject({ id: 7, passwordHash: "$2b$" });
  });

  it.each([{}, { id: "" }, null, undefined])("is refused without an id: %j", (given) => {
    expect(() => userWithId(given as GivenUser)).toThrow(invalid);
  });

  it("must be the one that passport stores", () => {
    const ada = { id: "7", username: "Ada", createdAt: 0 };
    expect(checkSerialized("7", ada)).toBeUndefined();
    for (const other of ["8", "", undefined]) expect(() => checkSerialized(other, ada)).toThrow(invalid);
  });
});

describe("an account store with numeric ids", () => {
  /** Answers everything alike, and notes what it was asked. */
  function storeOf(answer: unknown) {
    const asked: unknown[][] = [];
    const method =
      (name: string) =>
      (...args: unknown[]) => {
        asked.push([name, ...args]);
        return Promise.resolve(answer);
      };
    const names = ["create", "findById", "findByUsername", "findByEmail", "changePassword", "setDisabled", "remove"];
    const store = Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as AccountStore;
    return { store: withTextIds(store), asked };
  }
  const account = { username: "Ada", passwordHash: "$2b$", createdAt: 0, isDisabled: false };
  const calls = (store: AccountStore) => [
    store.create(account),
    store.findById("7"),
    store.findByUsername("Ada"),
    store.findByEmail("ada@example.org"),
  ];

  it("returns accounts whose ids are texts", async () => {
    const found = await Promise.all(calls(storeOf({ ...account, id: 7 }).store));
    for (const one of found) expect(one).toEqual({ ...account, id: "7" });
  });

  it.each([undefined, null, "username-taken", { ...account, id: "7" }])("returns %j as it is", async (answer) => {
    for (const one of await Promise.all(calls(storeOf(answer).store))) expect(one).toBe(answer);
  });

  it("is asked for the same as before", async () => {
    const { store, asked } = storeOf(undefined);
    await Promise.all([
      ...calls(store),
      store.changePassword("7", "a", "b"),
      store.setDisabled("7", true),
      store.remove("7"),
    ]);
    expect(asked).toEqual([
      ["create", account],
      ["findById", "7"],
      ["findByUsername", "Ada"],
      ["findByEmail", "ada@example.org"],
      ["changePassword", "7", "a", "b"],
      ["setDisabled", "7", true],
      ["remove", "7"],
    ]);
  });

  it("answers whether a change was made", async () => {
    for (const done of [true, false]) {
      const { store } = storeOf(done);
      const answers = [store.changePassword("7", "a", "b"), store.setDisabled("7", true), store.remove("7")];
      expect(await Promise.all(answers)).toEqual([done, done, done]);
    }
  });

  it("is refused an account without an id", async () => {
    await expect(storeOf(account).store.findById("7")).rejects.toThrow(invalid);
  });
});

it.each<[unknown, unknown]>([
  ["7", "7"],
  [7n, 7n],
  [null, null],
  [undefined, undefined],
  [{ toJSON: () => "65f0" }, "65f0"],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [{ toJSON: "no function" }, { toJSON: "no function" }],
])("%o is stored as %o", (value, stored) => {
  expect(storedForm(value)).toEqual(stored);
});
