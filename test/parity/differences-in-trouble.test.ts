/** By name, the differences when something goes wrong or is used wrongly; differences.test.ts has the others. */
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { ours, plain, type Candidate, type ParityOptions } from "./support/middlewares.js";
import { openNotingSite, write } from "./support/noting-site.js";
import { setCookies, type Handler } from "./support/site.js";

const bench = useBench();

const begin = (candidate: Candidate, pages?: Record<string, Handler>, options?: Partial<ParityOptions>) =>
  openNotingSite(bench, candidate, pages, options);

describe("end with a callback", () => {
  const handler: Handler = (req, res) => {
    req.session.views = 1;
    if (req.url === "/only") res.end(() => req.socket.emit("ended"));
    else res.end("text", "utf8", () => req.socket.emit("ended"));
  };

  it("express-session: fails when it is the only argument", async () => {
    const { site } = await begin(plain, { "/only": handler });
    const answer = await site
      .get("/only")
      .timeout(1_000)
      .catch((error: Error) => error);
    expect(answer instanceof Error || site.errors.length > 0).toBe(true);
  });

  it("redisSession: the callback is called, as Node.js documents it", async () => {
    let calls = 0;
    const { site } = await begin(ours, { "/only": handler, "/all": handler });
    site.server.on("connection", (socket) => socket.on("ended", () => calls++));
    await site.get("/only").expect(200);
    await site.get("/all").expect(200, "text");
    expect(calls).toBe(2);
  });
});

describe("an object of the app's own in req.session", () => {
  const replace: Handler = (req, res) => void (Object.assign(req, { session: { views: 9 } }), res.end("replaced"));

  it("redisSession: the visitor gets an error that says what to do", async () => {
    const { visitor, site } = await begin(ours, { "/replace": replace });
    expect((await visitor.get("/replace")).status).toBe(500);
    expect(site.errors).toMatchObject([{ code: "SESSION_REPLACED" }]);
  });

  it("express-session: fails as well, at the first property it misses", async () => {
    const { visitor, site } = await begin(plain, { "/replace": replace });
    const answer = visitor.get("/replace");
    await expect.poll(() => site.errors.length).toBeGreaterThan(0);
    expect(site.errors[0]).toBeInstanceOf(TypeError);
    await site.close();
    await answer.catch(() => {});
  });
});

describe("an expiry that is no date", () => {
  const broken: Handler = (req, res) => void ((req.session.cookie.expires = new Date(Number.NaN)), write(req, res));

  it("express-session: the answer is a success without a cookie, and the error comes too late", async () => {
    const { site } = await begin(plain, { "/broken": broken });
    const answer = await site.get("/broken").expect(200);
    expect(setCookies(answer)).toEqual([]);
    await expect.poll(() => site.errors.map((error) => error.message)).toEqual(["option expires is invalid"]);
  });

  it("redisSession: the visitor gets the error", async () => {
    const { site } = await begin(ours, { "/broken": broken });
    const answer = await site.get("/broken").timeout(5_000).expect(500);
    expect(setCookies(answer)).toEqual([]);
    expect(site.errors).toHaveLength(1);
  });
});

describe("a maxAge that is no number, from a function", () => {
  it("redisSession: is an error of the request (express-session leaves the visitor without an answer)", async () => {
    const site = await bench.site(ours, { cookie: () => ({ maxAge: "1h" as never }) }, write);
    await site
      .get()
      .timeout(5_000)
      .expect(500, /maxAge must be a number/);
  });
});

describe("a session that cannot be loaded", () => {
  const run = async (candidate: Candidate) => {
    const { store, visitor, id } = await begin(candidate, {}, { unset: "destroy" });
    store.fail("get");
    expect((await visitor.get("/read")).status).toBe(500);
    store.failing.clear();
    return id in store.data;
  };

  it("express-session: with unset: destroy, the error page destroys it", async () => {
    expect(await run(plain)).toBe(false);
  });

  it("redisSession: is left in place", async () => {
    expect(await run(ours)).toBe(true);
  });
});

describe("something that cannot be written", () => {
  it("redisSession: is an error of the request (express-session throws again once saved, and ends the process)", async () => {
    const nonsense: Handler = (req, res) => void ((req.session.views = 9), res.end(42 as never));
    const { visitor, site } = await begin(ours, { "/nonsense": nonsense });
    expect((await visitor.get("/nonsense")).status).toBe(500);
    expect(site.errors).toMatchObject([{ code: "ERR_INVALID_ARG_TYPE" }]);
  });
});

describe("a session that JSON cannot express", () => {
  it("redisSession: is an error of the request (express-session leaves the visitor without an answer)", async () => {
    const { site, visitor, store, id } = await begin(ours, {
      "/cycle": (req, res) => void ((req.session.self = req.session), res.end("done")),
      "/bigint": (req, res) => void ((req.session.big = 1n), res.end("done")),
    });
    for (const path of ["/cycle", "/bigint"]) expect((await visitor.get(path)).status).toBe(500);
    expect(site.errors).toMatchObject([{ code: "SESSION_NOT_SERIALIZABLE" }, { code: "SESSION_NOT_SERIALIZABLE" }]);
    expect(JSON.parse(store.data[id]!)).toMatchObject({ views: 1 });
  });
});

describe("an error answer of the app's own, when its session cannot be saved", () => {
  const explain: Handler = async (req, res) => {
    req.session.paid = true;
    await new Promise((resolve) => void req.session.save(resolve));
    res.writeHead(503, { "Content-Type": "text/plain" }).end("please come back later");
  };
  const run = async (candidate: Candidate) => {
    const { store, visitor } = await begin(candidate, { "/explain": explain });
    store.fail("set");
    const answer = await visitor.get("/explain");
    return [answer.status, answer.text, store.count("set")];
  };

  it("express-session: reaches the visitor; the save is not tried again", async () => {
    expect(await run(plain)).toEqual([503, "please come back later", 1]);
  });

  it("redisSession: reaches the visitor as well, for it claims no success; the save is tried once more", async () => {
    expect(await run(ours)).toEqual([503, "please come back later", 2]);
  });
});
