/** What the end of an answer does for its session: the table of cases, and what holds for all of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planEnd, type EndingSession, type EndPlan } from "../../lib/http/plan-end.js";

/** A visitor's session as it was loaded and is stored. */
const untouched: EndingSession = {
  isSent: true,
  isOriginal: true,
  isChanged: false,
  isStored: true,
  isSaved: true,
  isGone: false,
  hasNewCookieSettings: false,
  isPersistent: true,
};
/** Made by this request, and empty. */
const fresh: EndingSession = { ...untouched, isSent: false, isStored: false, isSaved: false };

const usual = { rolling: false, saveUninitialized: false };
const plan = (save: boolean, sendCookie: boolean, touch: boolean): EndPlan => ({ save, sendCookie, touch });

type Case = [what: string, session: Partial<EndingSession>, plan: EndPlan, settings?: Partial<typeof usual>];

describe("a session that the visitor sent", () => {
  it.each<Case>([
    ["unchanged is touched", {}, plan(false, false, true)],
    ["changed is saved, and its cookie renewed", { isChanged: true, isSaved: false }, plan(true, true, false)],
    [
      "changed, with a cookie that ends with the browser window, is saved only",
      { isChanged: true, isSaved: false, isPersistent: false },
      plan(true, false, false),
    ],
    ["changed and saved already gets its cookie", { isChanged: true }, plan(false, true, true)],
    ["with other settings of its cookie is saved and sent", { hasNewCookieSettings: true }, plan(true, true, false)],
    ["that is to be written again is", { isSaved: false }, plan(true, false, false)],
    ["with `rolling` gets its cookie", {}, plan(false, true, true), { rolling: true }],
    [
      "that was destroyed is neither saved nor sent",
      { isGone: true, isChanged: true, isSaved: false },
      plan(false, false, false),
    ],
    ["put in place of another one is saved, and its cookie renewed", { isOriginal: false }, plan(true, true, false)],
  ])("%s", (_what, session, expected, settings) => {
    expect(planEnd({ ...untouched, ...session }, { ...usual, ...settings })).toEqual(expected);
  });
});

describe("a new session", () => {
  it.each<Case>([
    ["that stayed empty is nothing", {}, plan(false, false, false)],
    ["that stayed empty is saved with `saveUninitialized`", {}, plan(true, true, false), { saveUninitialized: true }],
    ["with something in it is saved and sent", { isChanged: true }, plan(true, true, false)],
    ["that the app has saved is sent", { isStored: true, isSaved: true }, plan(false, true, false)],
    [
      "that the app has saved and changed again is saved again",
      { isStored: true, isChanged: true },
      plan(true, true, false),
    ],
    ["made for a session that was dropped is saved and sent", { isOriginal: false }, plan(true, true, false)],
  ])("%s", (_what, session, expected, settings) => {
    expect(planEnd({ ...fresh, ...session }, { ...usual, ...settings })).toEqual(expected);
  });
});

describe("whatever the session is", () => {
  const sessions = fc.record({
    isSent: fc.boolean(),
    isOriginal: fc.boolean(),
    isChanged: fc.boolean(),
    isStored: fc.boolean(),
    isSaved: fc.boolean(),
    isGone: fc.boolean(),
    hasNewCookieSettings: fc.boolean(),
    isPersistent: fc.boolean(),
  });
  const settings = fc.record({ rolling: fc.boolean(), saveUninitialized: fc.boolean() });

  it("no session that is gone is written, touched or sent", () => {
    fc.assert(
      fc.property(sessions, settings, (session, given) => {
        expect(planEnd({ ...session, isGone: true }, given)).toEqual(plan(false, false, false));
      }),
    );
  });

  it("what is saved is not touched besides, and only what the visitor has is touched", () => {
    fc.assert(
      fc.property(sessions, settings, (session, given) => {
        const { save, touch } = planEnd(session, given);
        expect(save && touch).toBe(false);
        expect(touch && !session.isSent).toBe(false);
      }),
    );
  });

  it("a change that the store does not have is saved", () => {
    fc.assert(
      fc.property(sessions, settings, (session, given) => {
        const changed = { ...session, isChanged: true, isSaved: false, isGone: false };
        expect(planEnd(changed, given).save).toBe(true);
      }),
    );
  });
});
