/** Secrets: which one signs, which ones are believed, and what happens to a cookie that nobody signed. */
import { sign } from "cookie-signature";
import { MemoryStore } from "express-session";
import { describe, expect, it, vi } from "vitest";
import { secret, useBench } from "../support/bench.js";
import { candidates } from "../support/middlewares.js";
import { sentCookie, sentId, type Handler } from "../support/site.js";

const bench = useBench();

const count: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const older = "an older secret, in use until yesterday, long enough";
const oldest = "the oldest secret of all, before the older one, long";
const header = (value: string, name = "connect.sid") => ({ Cookie: `${name}=${encodeURIComponent(value)}` });

describe.each(candidates)("secrets, for $name", (candidate) => {
  it("of a list, the first signs", async () => {
    const site = await bench.site(candidate, { secret: [secret, older] }, count);
    const cookie = sentCookie(await site.get())!;
    expect(decodeURIComponent(cookie.value)).toBe(`s:${sign(cookie.id, secret)}`);
  });

  it("of a list, all are believed, and a visitor with an old signature keeps it", async () => {
    const before = await bench.site(candidate, { secret: oldest, cookie: { maxAge: 60_000 } }, count);
    const visitor = before.visitor();
    const id = sentId(await visitor.get());
    const after = await bench.site(candidate, { secret: [secret, older, oldest], cookie: { maxAge: 60_000 } }, count);
    const answer = await after.get("/", { Cookie: visitor.cookies }).expect("2");
    expect(decodeURIComponent(sentCookie(answer)!.value)).toBe(`s:${sign(id, secret)}`);
  });

  it("may be a Buffer, alone and in a list", async () => {
    const bytes = Buffer.from(secret);
    const alone = await bench.site(candidate, { secret: bytes }, count);
    const visitor = alone.visitor();
    await visitor.get();
    expect((await visitor.get()).text).toBe("2");
    const list = await bench.site(candidate, { secret: [bytes, older] }, count);
    await list.get("/", { Cookie: visitor.cookies }).expect("3");
  });

  it("must not be an empty list", () => {
    expect(() => bench.middleware(candidate, { secret: [] })).toThrow(/secret/);
  });

  describe("a cookie that is not signed by one of them", () => {
    it.each<[string, (id: string) => string]>([
      ["signed with another secret", (id) => `s:${sign(id, older)}`],
      ["with a changed id", (id) => `s:${sign(id, secret)}`.replace(/^s:./, "s:~")],
      ["with a shortened signature", (id) => `s:${sign(id, secret)}`.slice(0, -1)],
      ["without a signature", (id) => `s:${id}`],
      ["without the mark s:", (id) => sign(id, secret)],
      ["with the plain id", (id) => id],
      ["that is empty", () => ""],
      ["that is only the mark", () => "s:"],
      ["that is no valid encoding", () => "%E0%A4%A"],
    ])("%s: a new session begins, the other one stays", async (_, forge) => {
      const site = await bench.site(candidate, {}, count);
      const id = sentId(await site.get());
      const answer = await site.get("/", header(forge(id))).expect(200, "1");
      expect(sentId(answer)).not.toBe(id);
      expect((await bench.stored(id))!["views"]).toBe(1);
    });

    it("is not looked up in the store", async () => {
      const store = new MemoryStore();
      const get = vi.spyOn(store, "get");
      const site = await bench.site(candidate, { store }, count);
      await site.get("/", header(`s:${sign("some-id", older)}`)).expect(200, "1");
      expect(get).not.toHaveBeenCalled();
    });
  });
});

describe.each(candidates)("beside cookie-parser, $name", (candidate) => {
  /** What cookie-parser leaves on the request, with a header that the session cookie cannot be read from. */
  async function siteWith(fields: (id: string) => Record<string, unknown>) {
    const first = await bench.site(candidate, {}, count);
    const id = sentId(await first.get());
    const before = (req: object) => void Object.assign(req, fields(id));
    return bench.site(candidate, {}, count, { before });
  }

  it("reads the id from req.signedCookies, which are verified already", async () => {
    const site = await siteWith((id) => ({ signedCookies: { "connect.sid": id } }));
    await site.get().expect(200, "2");
  });

  it("reads a signed value from req.cookies", async () => {
    const site = await siteWith((id) => ({ cookies: { "connect.sid": `s:${sign(id, secret)}` } }));
    await site.get("/", { Cookie: "theme=dark" }).expect(200, "2");
  });

  it.each<[string, (id: string) => string]>([
    ["an unsigned value", (id) => id],
    ["a value with a wrong signature", (id) => `s:${sign(id, older)}`],
  ])("does not believe %s in req.cookies", async (_, value) => {
    const site = await siteWith((id) => ({ cookies: { "connect.sid": value(id) } }));
    await site.get().expect(200, "1");
  });

  it("does not believe a signed cookie that cookie-parser rejected", async () => {
    const site = await siteWith(() => ({ signedCookies: { "connect.sid": false } }));
    await site.get().expect(200, "1");
  });

  it("prefers the header to what cookie-parser found", async () => {
    const own = await bench.site(candidate, {}, count);
    const visitor = own.visitor();
    await visitor.get();
    await visitor.get();
    const site = await siteWith((id) => ({ signedCookies: { "connect.sid": id } }));
    await site.get("/", { Cookie: visitor.cookies }).expect(200, "3");
  });

  it("signs with req.secret when it has no secret of its own", async () => {
    const before = (req: { secret?: string }) => void (req.secret = older);
    const site = await bench.site(candidate, { secret: undefined }, count, { before });
    const cookie = sentCookie(await site.get().expect(200, "1"))!;
    expect(decodeURIComponent(cookie.value)).toBe(`s:${sign(cookie.id, older)}`);
    await site.get("/", header(decodeURIComponent(cookie.value))).expect(200, "2");
  });
});
