/** Swapping one for the other while visitors are logged in: both read and write the same cookies and the same sessions. */
import { describe, expect, it } from "vitest";
import { useBench } from "../support/bench.js";
import { control, ours, plain, type Candidate } from "../support/middlewares.js";
import { sentCookie, sentId, setCookies, type Handler } from "../support/site.js";

const bench = useBench();

const all = [ours, plain, control];
const pairs = all.flatMap((before) => all.filter((after) => after !== before).map((after) => ({ before, after })));

const login: Handler = (req, res) => {
  Object.assign(req.session, { user: "ann", cart: [{ id: 1, name: "tea ☕" }], since: new Date(0), none: null });
  res.end("in");
};
const pages: Record<string, Handler> = {
  "/login": login,
  "/user": (req, res) => res.end(`${req.session.user} ${req.session.views ?? 0}`),
  "/write": (req, res) => void ((req.session.views = (req.session.views ?? 0) + 1), res.end(String(req.session.views))),
  "/logout": (req, res) => void req.session.destroy(() => res.end("out")),
};
const remember = { cookie: { maxAge: 7_200_000 } };

describe.each(pairs)("from $before.name to $after.name", ({ before, after }) => {
  /** A visitor who logged in on the one site, and the other site. */
  async function swap(options: object = remember) {
    const [old, next] = await Promise.all([bench.site(before, options, pages), bench.site(after, options, pages)]);
    const visitor = old.visitor();
    const id = sentId(await visitor.get("/login"));
    return { old, next, visitor, id };
  }

  it.each([{}, remember])("a visitor stays logged in, with the same id and no new cookie (%j)", async (options) => {
    const { next, visitor, id } = await swap(options);
    const answer = await next.get("/user", { Cookie: visitor.cookies }).expect("ann 0");
    expect(setCookies(answer)).toEqual([]);
    expect(await bench.ids()).toEqual([id]);
  });

  it("what one writes the other reads, in turn", async () => {
    const { old, next, visitor } = await swap();
    for (const [views, site] of [next, old, next, old].entries()) {
      await site.get("/write", { Cookie: visitor.cookies }).expect(String(views + 1));
    }
    await next.get("/user", { Cookie: visitor.cookies }).expect("ann 4");
  });

  it("a changed session gets the same cookie from the other, expiry included", async () => {
    const { old, next, visitor } = await swap();
    const from = async (site: typeof old) => sentCookie(await site.get("/write", { Cookie: visitor.cookies }))!;
    const [one, two] = [await from(old), await from(next)];
    const { expires: first, ...rest } = one.attributes;
    expect(two).toEqual({ ...one, attributes: { ...rest, expires: expect.any(String) } });
    expect(Math.abs(Date.parse(two.attributes["expires"] as string) - Date.parse(first as string))).toBeLessThan(5_000);
  });

  it("who logs out on one is logged out on the other", async () => {
    const { next, visitor, id } = await swap();
    await next.get("/logout", { Cookie: visitor.cookies });
    expect(await bench.stored(id)).toBeNull();
    await visitor.get("/user").then((answer) => expect(answer.text).toBe("undefined 0"));
  });
});

it("all of them store a session in the same text", async () => {
  const text = async (candidate: Candidate) => {
    const site = await bench.site(candidate, { cookie: { sameSite: "lax", domain: "localhost" } }, login);
    return bench.client.get(bench.prefix + sentId(await site.get()));
  };
  const [first, ...others] = await Promise.all(all.map(text));
  expect(first).toMatch(/^\{"cookie":\{/);
  expect(others).toEqual([first, first]);
});
