/** The part of the contract about creating and finding accounts. */
import assert from "node:assert/strict";
import type { AccountStoreCheck } from "./check.js";
import { emailFormsOf, formsOf, isFoundAs, make, oneWins, pick, someone, times, unique } from "./people.js";

export const making: readonly AccountStoreCheck[] = [
  {
    name: "an account is found by id, user name and e-mail address, unchanged",
    async check(store) {
      const wanted = someone();
      const account = await make(store, wanted);
      assert.equal(typeof account.id, "string");
      assert.notEqual(account.id, "");
      assert.deepEqual(pick(account), { ...wanted, isDisabled: false });
      const hour = 3_600_000; // the database may have a clock of its own
      assert.ok(Math.abs(account.createdAt - Date.now()) < hour, "createdAt is milliseconds since 1970, and now");
      await isFoundAs(store, account);
    },
  },
  {
    name: "the e-mail address is optional, and any number of accounts may have none",
    async check(store) {
      for (let i = 0; i < 2; i++) {
        const account = await make(store, { ...someone(), email: undefined });
        assert.equal(account.email, undefined);
        await isFoundAs(store, account);
      }
      for (const nothing of ["", "null", "undefined"]) assert.equal(await store.findByEmail(nothing), undefined);
    },
  },
  {
    name: "no two accounts have the same id, even after the first was removed",
    async check(store) {
      const wanted = someone();
      const first = await make(store, wanted);
      const other = await make(store, someone());
      await store.remove(first.id);
      const second = await make(store, wanted);
      assert.equal(new Set([first.id, other.id, second.id]).size, 3);
      assert.equal(await store.findById(first.id), undefined);
    },
  },
  {
    name: "all spellings of a user name are the same name",
    async check(store) {
      const account = await make(store, someone());
      for (const username of formsOf(account.username)) {
        assert.equal((await store.findByUsername(username))?.id, account.id, `${username} was not found`);
        assert.equal(await store.create({ ...someone(), username }), "username-taken");
      }
    },
  },
  {
    name: "all spellings of an e-mail address are the same address",
    async check(store) {
      const account = await make(store, someone());
      for (const email of emailFormsOf(account.email)) {
        assert.equal((await store.findByEmail(email))?.id, account.id, `${email} was not found`);
        assert.equal(await store.create({ ...someone(), email }), "email-taken");
      }
    },
  },
  {
    name: "user names and e-mail addresses are not mixed up",
    async check(store) {
      const { email, username, id } = await make(store, someone());
      assert.equal(await store.findByUsername(email), undefined);
      assert.equal(await store.findByEmail(username), undefined);
      assert.equal(await store.findById(username), undefined);
      assert.equal(await store.findByUsername(id), undefined);
    },
  },
  {
    name: "after a refusal for a taken user name, the e-mail address is still free",
    async check(store) {
      const account = await make(store, someone());
      const refused = { ...someone(), username: account.username };
      assert.equal(await store.create(refused), "username-taken");
      await isFoundAs(store, account);
      assert.equal(await store.findByEmail(refused.email), undefined);
      await make(store, { ...someone(), email: refused.email });
    },
  },
  {
    name: "after a refusal for a taken e-mail address, the user name is still free",
    async check(store) {
      const account = await make(store, someone());
      const refused = { ...someone(), email: account.email };
      assert.equal(await store.create(refused), "email-taken");
      await isFoundAs(store, account);
      assert.equal(await store.findByUsername(refused.username), undefined);
      await make(store, { ...someone(), username: refused.username });
    },
  },
  {
    name: "if both are taken, by one account or by two, the result names one of them",
    async check(store) {
      const [one, two] = [await make(store, someone()), await make(store, someone())];
      for (const { email } of [one, two]) {
        const answer = await store.create({ ...someone(), username: one.username, email });
        assert.ok(answer === "username-taken" || answer === "email-taken", `it was ${JSON.stringify(answer)}`);
      }
      await isFoundAs(store, one);
      await isFoundAs(store, two);
    },
  },
  {
    name: "of fifty concurrent calls for a user name, exactly one succeeds, and the other e-mail addresses stay free",
    async check(store) {
      const names = formsOf(someone().username);
      const wanted = times(50, (i) => ({ ...someone(), username: names[i % names.length]! }));
      const winner = await oneWins(store, wanted, "username-taken");
      for (const { email } of wanted.filter(({ email }) => email !== winner.email).slice(0, 5)) {
        assert.equal(await store.findByEmail(email), undefined);
        await make(store, { ...someone(), email });
      }
    },
  },
  {
    name: "of fifty concurrent calls for an e-mail address, exactly one succeeds, and the other user names stay free",
    async check(store) {
      const emails = emailFormsOf(someone().email);
      const wanted = times(50, (i) => ({ ...someone(), email: emails[i % emails.length]! }));
      const winner = await oneWins(store, wanted, "email-taken");
      for (const { username } of wanted.filter(({ username }) => username !== winner.username).slice(0, 5)) {
        assert.equal(await store.findByUsername(username), undefined);
        await make(store, { ...someone(), username });
      }
    },
  },
  {
    name: "of fifty concurrent calls for both, exactly one succeeds",
    async check(store) {
      const wanted = someone();
      await oneWins(
        store,
        times(50, () => wanted),
        "username-taken",
        "email-taken",
      );
    },
  },
  {
    name: "unusual characters and long texts are stored unchanged",
    async check(store) {
      const mark = unique();
      const long = `${mark}${"x".repeat(254 - mark.length - "@example.org".length)}@example.org`;
      const tag = mark.slice(-8);
      const odd = [
        { username: `𠮷ß漢Ж.${tag}_-`, email: `o'brien+"${mark}"@example.org` },
        { username: `É${"é".repeat(29 - tag.length)}${tag}`, email: `🦊\\%_$1${mark}@bücher.example` },
        { username: `n\u0301x${tag}`, email: long },
      ];
      for (const names of odd) {
        const passwordHash = `$argon2id$v=19$m=19456,t=2,p=1$'";\\%s$1 🦊${"x".repeat(254)}`;
        const account = await make(store, { ...names, passwordHash });
        assert.deepEqual(pick(account), { ...names, passwordHash, isDisabled: false });
        await isFoundAs(store, account);
        assert.equal(await store.changePassword(account.id, passwordHash, `${passwordHash}2`), true);
        await isFoundAs(store, { ...account, passwordHash: `${passwordHash}2` });
      }
    },
  },
];
