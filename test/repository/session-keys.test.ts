/** Under which keys sessions are stored: names, slots of a cluster, and that nobody gets at a session by the name of its key. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isHashedName, sessionLabel } from "../../lib/errors/index.js";
import { keySlot } from "../../lib/redis/clients/key-slot.js";
import { hasHalfTag, SessionKeys, type HashIds } from "../../lib/repository/keys/session-keys.js";
import { tagFor } from "../../lib/repository/keys/slot-tags.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const id = fc.string({ minLength: 1 });
const prefixes = ["sess:", "", "{app}:", "a:b:", "a}b:", "x{app}y{other}:"];

test.each(prefixes)("both keys of a session are in one slot of a cluster, with the prefix %j", (prefix) => {
  const [plain, hashed] = [new SessionKeys(prefix, "prepare"), new SessionKeys(prefix, "move")];
  fc.assert(
    fc.property(id, (sid) => {
      expect(keySlot(plain.own(sid))).toBe(keySlot(plain.other(sid)));
      expect([hashed.own(sid), hashed.other(sid)]).toEqual([plain.other(sid), plain.own(sid)]);
    }),
  );
});

test("and with what the client puts in front of them", () => {
  const keys = new SessionKeys("sess:", "move", "shop:");
  for (let n = 0; n < 100; n++)
    expect(keySlot(`shop:${keys.own(`id-${n}`)}`)).toBe(keySlot(`shop:${keys.other(`id-${n}`)}`));
});

test("there is a tag for each slot, of four characters at most", () => {
  for (let n = 0; n < 3000; n++) {
    const tag = tagFor(`key-${n}`);
    expect(tag).toMatch(/^[\da-z]{1,4}$/);
    expect(keySlot(`sess:~{${tag}}`)).toBe(keySlot(`key-${n}`));
  }
});

test("a hashed key has the digits by which messages name the session", () => {
  for (const hashIds of [true, "move"] as const) {
    const key = new SessionKeys("sess:", hashIds).own("an-id");
    expect(key.slice(0, 70)).toBe(`sess:~${sha256("an-id")}`);
    expect(isHashedName(key.slice(5))).toBe(true);
    expect(sessionLabel(key.slice(5))).toBe(sha256("an-id").slice(0, 8));
    expect(key).not.toContain("an-id");
  }
  expect(new SessionKeys("{app}:", true).own("an-id")).toBe(`{app}:~${sha256("an-id")}`);
});

test("without the option, keys are what they always were", () => {
  const keys = new SessionKeys("sess:", false);
  fc.assert(fc.property(id, (sid) => keys.own(sid) === `sess:${sid}`));
  expect(keys.arePlain).toBe(true);
});

test.each<HashIds>([false, "prepare", "move", true])("the name of a key is no id of its session (%s)", (hashIds) => {
  const keys = new SessionKeys("sess:", hashIds);
  const key = new SessionKeys("sess:", true).own("an-id");
  const name = key.slice(5);
  expect([keys.own(name), keys.other(name)]).not.toContain(key);
  for (const other of [name.slice(0, 65), `${name.slice(0, 65)}{zzzz}`])
    expect([keys.own(other), keys.other(other)]).not.toContain(`sess:${other}`);
});

test.each(["~", "~abc", `~${"g".repeat(64)}`, `~${"a".repeat(63)}`, `~${"a".repeat(65)}`, "a".repeat(64)])(
  "%s is no hashed name",
  (text) => {
    expect(isHashedName(text)).toBe(false);
  },
);

test("a prefix with half a tag is known as such", () => {
  expect(["{", "a{b", "{}", "{}:"].map(hasHalfTag)).toEqual([true, true, true, true]);
  expect(["", "sess:", "{a}", "x{a}:", "}"].map(hasHalfTag)).toEqual([false, false, false, false, false]);
});
