/** The part of the contract about changing passwords, disabling, removing, and missing accounts. */
import assert from "node:assert/strict";
import type { AccountStoreCheck } from "./check.js";
import { isAccount, isFoundAs, isGone, make, oddTexts, someone, times } from "./people.js";

export const changing: readonly AccountStoreCheck[] = [
  {
    name: "a password is changed only if the given hash is the current one",
    async check(store) {
      const account = await make(store, someone());
      assert.equal(await store.changePassword(account.id, "another", "new"), false);
      await isFoundAs(store, account);
      assert.equal(await store.changePassword(account.id, account.passwordHash, "new"), true);
      await isFoundAs(store, { ...account, passwordHash: "new" });
      assert.equal(await store.changePassword(account.id, account.passwordHash, "newer"), false);
      assert.equal(await store.changePassword(account.id, "new", "new"), true);
      await isFoundAs(store, { ...account, passwordHash: "new" });
    },
  },
  {
    name: "of twenty concurrent changes of one password, exactly one succeeds",
    async check(store) {
      const account = await make(store, someone());
      const change = (i: number) => store.changePassword(account.id, account.passwordHash, `hash ${i}`);
      const answers = await Promise.all(times(20, change));
      assert.equal(answers.filter((answer) => answer).length, 1, `the answers were ${answers.join()}`);
      const passwordHash = `hash ${answers.indexOf(true)}`;
      await isFoundAs(store, { ...account, passwordHash });
    },
  },
  {
    name: "an account can be disabled and enabled repeatedly",
    async check(store) {
      const account = await make(store, someone());
      for (const isDisabled of [true, true, false, false, true]) {
        assert.equal(await store.setDisabled(account.id, isDisabled), true);
        await isFoundAs(store, { ...account, isDisabled });
      }
    },
  },
  {
    name: "a password change and disabling at the same time both take effect",
    async check(store) {
      for (let round = 0; round < 10; round++) {
        const account = await make(store, someone());
        const changes = [
          store.setDisabled(account.id, true),
          store.changePassword(account.id, account.passwordHash, "new"),
        ];
        assert.deepEqual(await Promise.all(changes), [true, true]);
        await isFoundAs(store, { ...account, passwordHash: "new", isDisabled: true });
      }
    },
  },
  {
    name: "a removed account cannot be found, and its names are free",
    async check(store) {
      const wanted = someone();
      const account = await make(store, wanted);
      const neighbor = await make(store, someone());
      assert.equal(await store.remove(account.id), true);
      await isGone(store, account);
      assert.equal(await store.remove(account.id), false);
      const next = await make(store, wanted);
      assert.equal(await store.remove(account.id), false);
      await isFoundAs(store, next);
      await isFoundAs(store, neighbor);
    },
  },
  {
    name: "nothing brings a removed account back",
    async check(store) {
      const account = await make(store, someone());
      await store.remove(account.id);
      assert.equal(await store.changePassword(account.id, account.passwordHash, "new"), false);
      assert.equal(await store.setDisabled(account.id, true), false);
      assert.equal(await store.setDisabled(account.id, false), false);
      await isGone(store, account);
    },
  },
  {
    name: "nothing brings an account back that is being removed",
    async check(store) {
      for (let round = 0; round < 10; round++) {
        const account = await make(store, someone());
        const { id, passwordHash } = account;
        const changes = [store.setDisabled(id, true), store.changePassword(id, passwordHash, "new")];
        const more = [store.remove(id), store.setDisabled(id, false), store.changePassword(id, "new", passwordHash)];
        await Promise.all([...changes, ...more]);
        await isGone(store, account);
      }
    },
  },
  {
    name: "of twenty concurrent removals of one account, exactly one succeeds",
    async check(store) {
      const account = await make(store, someone());
      const answers = await Promise.all(times(20, () => store.remove(account.id)));
      assert.equal(answers.filter((answer) => answer).length, 1, `the answers were ${answers.join()}`);
      await isGone(store, account);
    },
  },
  {
    name: "a late removal does not free a name that has a new owner",
    async check(store) {
      for (let round = 0; round < 10; round++) {
        const wanted = someone();
        const { id } = await make(store, wanted);
        const removals = times(2, () => store.remove(id));
        const tries = times(5, () => store.create(wanted));
        await Promise.all(removals);
        const won = (await Promise.all(tries)).filter(isAccount);
        assert.ok(won.length <= 1, `${won.length} accounts have one name`);
        const owner = won[0] ?? (await make(store, wanted));
        await isFoundAs(store, owner);
        assert.equal(isAccount(await store.create(wanted)), false, "two accounts have one name");
      }
    },
  },
  {
    name: "a missing account is a result and not an error, for any input",
    async check(store) {
      for (const text of oddTexts()) {
        assert.equal(await store.findById(text), undefined);
        assert.equal(await store.findByUsername(text), undefined);
        assert.equal(await store.findByEmail(text), undefined);
        assert.equal(await store.changePassword(text, "", "new"), false);
        assert.equal(await store.setDisabled(text, true), false);
        assert.equal(await store.remove(text), false);
      }
    },
  },
];
