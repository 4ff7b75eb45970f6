/** Whose a session's contents are, and which of them go along: decided from what lies in the session alone. */
import { describe, expect, it } from "vitest";
import {
  allOf,
  anonymousOf,
  checkKeeps,
  contentsFor,
  namedOf,
  ownerOf,
  readKeptOf,
} from "../../lib/auth/logins/kept-contents.js";

const record = { user: { id: "1" }, device: "d", epoch: "e", since: 1, seen: 1, confirmed: 0, remember: false };
const own = { cookie: {}, passport: { user: "1" }, login: record, cart: ["rope"], address: "1 Mill Lane" };
const kept = { cookie: {}, cart: ["rope"], language: "en", keptOf: { user: "1", keys: ["cart"] } };
const [cart, address, language] = [
  ["cart", ["rope"]],
  ["address", "1 Mill Lane"],
  ["language", "en"],
];

describe("contents", () => {
  it("are what the app has put there", () => {
    expect(allOf(own)).toEqual([cart, address]);
    for (const none of [undefined, null, {}, { cookie: {} }]) expect(allOf(none)).toEqual([]);
  });

  it("stay after a login as far as they are named, with a mark of whose they are", () => {
    expect(namedOf(own, ["cart", "toolbox"], "1")).toEqual([cart, ["keptOf", { user: "1", keys: ["cart"] }]]);
    expect(namedOf(own, ["toolbox"], "1")).toEqual([]);
  });

  it("of an anonymous visitor stay with the mark of whose they were", () => {
    expect(anonymousOf({ cart: ["rope"] })).toEqual([cart]);
    expect(anonymousOf(kept)).toEqual([cart, language, ["keptOf", kept.keptOf]]);
    expect(anonymousOf({ cart: ["rope"], keptOf: { user: 1 } })).toEqual([cart]);
  });

  it.each<[string, object, string, string | undefined, unknown[]]>([
    ["the user's own", own, "1", "1", [cart, address]],
    ["an anonymous visitor's", { cart: ["rope"] }, "1", undefined, [cart]],
    ["another user's", own, "2", "1", []],
    ["what was kept of the same user", kept, "1", undefined, [cart, language]],
    ["what was kept of another, and what an anonymous visitor added", kept, "2", undefined, [language]],
    [
      "what bears a mark that is none",
      { ...kept, keptOf: { user: 1, keys: "cart" } },
      "2",
      undefined,
      [cart, language],
    ],
  ])("at a login: %s", (_, session, user, owner, expected) => {
    expect(contentsFor(session, user, owner)).toEqual(expected);
  });

  it.each([
    undefined,
    null,
    5,
    "1",
    {},
    { user: "1" },
    { keys: [] },
    { user: 1, keys: [] },
    { user: "1", keys: "cart" },
  ])("%j is no mark of whose they are", (keptOf) => expect(readKeptOf({ keptOf })).toBeUndefined());

  it("no session bears no mark", () => {
    for (const none of [undefined, null]) expect(readKeptOf(none)).toBeUndefined();
    expect(readKeptOf(kept)).toEqual(kept.keptOf);
  });
});

describe("the owner of a session", () => {
  const idOf = (serialized: unknown) => (typeof serialized === "string" ? `id ${serialized}` : undefined);
  it.each<[string, object | null | undefined, string | undefined]>([
    ["of a login of ours", own, "1"],
    ["of a login of ours that passport knows under another name", { ...own, passport: { user: "x" } }, "1"],
    ["of a login of passport's", { passport: { user: "x" } }, "id x"],
    ["of a login of passport's that cannot be told", { passport: { user: {} } }, ""],
    ["of a session in which nobody is logged in any more", { passport: { user: null } }, undefined],
    ["of an anonymous visitor's", { passport: {} }, undefined],
    ["of a new one", {}, undefined],
    ["of none", undefined, undefined],
    ["of one that was removed", null, undefined],
  ])("%s", (_, session, owner) => expect(ownerOf(session, idOf)).toBe(owner));
});

it.each([[["cart"]], [[]]])("keeps: %j is taken", (keeps) => expect(() => checkKeeps(keeps)).not.toThrow());

it.each([["cart"], [undefined], [[1]], [["cart", "cookie"]], [["passport"]], [["login"]], [["keptOf"]]])(
  "keeps: %j is refused",
  (keeps) => {
    expect(() => checkKeeps(keeps as never)).toThrow(expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }));
  },
);
