/** By name, everything in which redisSession is meant to differ from express-session, shown on both sides. */
import { createServer } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { useBench } from "./support/bench.js";
import { control, ours, plain, type Candidate, type ParityOptions } from "./support/middlewares.js";
import { openNotingSite, read, write } from "./support/noting-site.js";
import {
  listen,
  sentCookie,
  sentId,
  setCookies,
  type Handler,
  type Handlers,
  type SessionRequest,
} from "./support/site.js";
import { NotingStore } from "./support/stores.js";

const bench = useBench();

type Method = "save" | "regenerate" | "destroy";
const call = (req: SessionRequest, method: Method) => new Promise((resolve) => void req.session[method](resolve));
const begin = (candidate: Candidate, pages?: Record<string, Handler>, options?: Partial<ParityOptions>) =>
  openNotingSite(bench, candidate, pages, options);

describe("a success was saved: if the session cannot be saved, the visitor gets an error", () => {
  const buy: Handler = (req, res) => {
    req.session.paid = true;
    res.writeHead(303, { Location: "/thanks", "Content-Length": 4, "X-Shop": "yes" }).end("paid");
  };

  it("express-session: the success is out before the error is known", async () => {
    const { store, site, visitor } = await begin(plain, { "/buy": buy });
    const error = store.fail("set");
    const answer = await visitor.get("/buy");
    expect([answer.status, answer.text, answer.headers["location"]]).toEqual([303, "paid", "/thanks"]);
    await expect.poll(() => site.errors).toEqual([error]);
  });

  it("redisSession: the error takes the place of the success", async () => {
    const { store, site, visitor } = await begin(ours, { "/buy": buy });
    const error = store.fail("set");
    const answer = await visitor.get("/buy");
    expect([answer.status, answer.text, answer.headers["location"]]).toEqual([500, "no set today", undefined]);
    expect(site.errors).toEqual([error]);
  });

  it("redisSession: the same for a session that was to be destroyed", async () => {
    const unset: Handler = (req, res) => void (Object.assign(req, { session: null }), res.end("bye"));
    const results = [];
    for (const candidate of [plain, ours]) {
      const { store, visitor } = await begin(candidate, { "/unset": unset }, { unset: "destroy" });
      store.fail("destroy");
      const answer = await visitor.get("/unset");
      results.push([answer.status, answer.text]);
    }
    expect(results).toEqual([
      [200, "bye"],
      [500, "no destroy today"],
    ]);
  });

  it("redisSession: an answer that has begun is broken off, express-session's looks whole", async () => {
    const stream: Handler = (req, res) => void (res.write("begun, "), (req.session.paid = true), res.end("paid"));
    const whole = await begin(plain, { "/buy": stream });
    whole.store.fail("set");
    expect((await whole.visitor.get("/buy")).text).toBe("begun, paid");
    const broken = await begin(ours, { "/buy": stream });
    const error = broken.store.fail("set");
    await expect(broken.site.get("/buy", { Cookie: broken.visitor.cookies }).timeout(5_000)).rejects.toThrow(
      /aborted|hang up/,
    );
    expect(broken.site.errors).toEqual([error]);
  });
});

describe("saved once: what a handler saved is not saved again at the end", () => {
  const login: Handler = async (req, res) => {
    await call(req, "regenerate");
    req.session.user = "ann";
    await call(req, "save");
    res.end("in");
  };

  it.each([
    { candidate: plain, calls: ["get", "destroy", "set", "set"] },
    { candidate: ours, calls: ["get", "destroy", "set"] },
  ])("$candidate.name, after regenerate: $calls", async ({ candidate, calls }) => {
    const { store, visitor } = await begin(candidate, { "/login": login });
    await visitor.get("/login");
    expect(store.calls).toEqual(calls);
  });
});

describe("a logout leaves no empty session behind", () => {
  const logout: Handler = async (req, res) => (await call(req, "regenerate"), res.end("out"));

  it("express-session: a new, empty session is stored, and its cookie sent", async () => {
    const { store, visitor, id } = await begin(plain, { "/logout": logout });
    const answer = await visitor.get("/logout");
    expect(sentId(answer)).not.toBe(id);
    expect(Object.keys(store.data)).toEqual([sentId(answer)]);
  });

  it("redisSession: nothing is stored and nothing is sent", async () => {
    const { store, visitor } = await begin(ours, { "/logout": logout });
    expect(setCookies(await visitor.get("/logout"))).toEqual([]);
    expect(store.data).toEqual({});
    expect((await visitor.get("/write")).text).toBe("1");
  });

  it("redisSession: with saveUninitialized: true it is as in express-session", async () => {
    for (const candidate of [plain, ours]) {
      const { store, visitor } = await begin(candidate, { "/logout": logout }, { saveUninitialized: true });
      expect(Object.keys(store.data)).not.toEqual([sentId(await visitor.get("/logout"))]);
      expect(Object.keys(store.data)).toHaveLength(1);
    }
  });
});

describe("a new, empty session that a handler saves itself is not left without a visitor", () => {
  const save: Handler = async (req, res) => (await call(req, "save"), res.end("saved"));

  it.each([
    { candidate: plain, cookies: 0 },
    { candidate: ours, cookies: 1 },
  ])("$candidate.name: it is stored, and $cookies cookies are sent", async ({ candidate, cookies }) => {
    const { store, site } = await begin(candidate, { "/save": save });
    expect(setCookies(await site.get("/save"))).toHaveLength(cookies);
    expect(store.calls).toEqual(["set"]);
  });
});

describe("a touch does not hold up the answer", () => {
  it("express-session: the answer waits for the store", async () => {
    const { store, visitor } = await begin(plain);
    let release!: () => void;
    store.waiting.set("touch", new Promise((resolve) => (release = resolve)));
    let isHere = false;
    const answer = visitor.get("/read").then(() => (isHere = true));
    await expect.poll(() => store.count("touch")).toBe(1);
    expect(isHere).toBe(false);
    release();
    await answer;
  });

  it("redisSession: the answer comes although the store does not answer", async () => {
    const { store, visitor } = await begin(ours);
    store.waiting.set("touch", new Promise(() => {}));
    expect((await visitor.get("/read")).text).toBe("1");
    expect(store.count("touch")).toBe(1);
  });

  it("a touch that failed is an error in express-session, and tried again by the next request in redisSession", async () => {
    const [theirs, mine] = [await begin(plain), await begin(ours)];
    for (const { store, visitor } of [theirs, mine]) {
      store.fail("touch");
      expect((await visitor.get("/read")).text).toBe("1");
      await visitor.get("/read");
      expect(store.count("touch")).toBe(2);
    }
    await expect.poll(() => theirs.site.errors.length).toBe(2);
    expect(mine.site.errors).toEqual([]);
  });
});

describe("cookie as a function may say auto", () => {
  const cookie: ParityOptions["cookie"] = () => ({ secure: "auto", sameSite: "auto" });
  const sent = async (candidate: Candidate) => {
    const site = await bench.site(candidate, { cookie, proxy: true }, write);
    const answers = [await site.get("/", { "X-Forwarded-Proto": "https" }), await site.get("/", {})];
    return answers.map((answer) => sentCookie(answer)?.attributes["samesite"]);
  };

  it("express-session: no cookie is sent, neither over https nor over http", async () => {
    expect(await sent(plain)).toEqual([undefined, undefined]);
  });

  it("redisSession: it follows the connection, as it does in an object", async () => {
    expect(await sent(ours)).toEqual(["None", "Lax"]);
  });

  it("redisSession: it is laid over the same defaults as an object", async () => {
    const site = await bench.site(ours, { cookie: () => ({ path: "/" }) }, write);
    expect(sentCookie(await site.get())!.attributes).toEqual({ path: "/", httponly: true, samesite: "Lax" });
  });
});

describe("a session that was destroyed elsewhere while the request ran", () => {
  const late: Handler = async (req, res) => {
    req.session.late = true;
    await bench.client.del(bench.prefix + req.sessionID);
    res.end("late");
  };
  const run = async (candidate: Candidate) => {
    const site = await bench.site(
      candidate,
      { rolling: true, cookie: { maxAge: 60_000 } },
      { "/write": write, "/late": late },
    );
    const visitor = site.visitor();
    const id = sentId(await visitor.get("/write"));
    return { id, answer: await visitor.get("/late") };
  };

  it("express-session: the cookie of the dead session is sent once more", async () => {
    const { id, answer } = await run(plain);
    expect([answer.status, sentId(answer), await bench.ids()]).toEqual([200, id, []]);
  });

  it("redisSession: no cookie is sent", async () => {
    const { answer } = await run(ours);
    expect([answer.status, setCookies(answer), await bench.ids()]).toEqual([200, [], []]);
  });

  it("with connect-redis, it came back to life", async () => {
    const { id } = await run(control);
    expect(await bench.ids()).toEqual([id]);
  });
});

describe("no secret", () => {
  it("express-session: every request fails", async () => {
    const site = await bench.site(plain, { secret: undefined }, write);
    await site.get().expect(500, /secret/);
  });

  it("redisSession, in production: the app does not start", () => {
    vi.stubEnv("NODE_ENV", "production");
    vi.stubEnv("SESSION_SECRET", undefined);
    try {
      expect(() => bench.middleware(ours, { secret: undefined })).toThrow(
        expect.objectContaining({ code: "HOLDFAST_SECRET_MISSING" }),
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("redisSession, in development: a random one signs, and a warning says so once", async () => {
    vi.stubEnv("SESSION_SECRET", undefined);
    const warnings: { code?: string }[] = [];
    const note = (warning: Error) => void warnings.push(warning as { code?: string });
    process.on("warning", note);
    try {
      const visitor = (await bench.site(ours, { secret: undefined }, write)).visitor();
      const other = await bench.site(ours, { secret: undefined }, write);
      await visitor.get();
      expect((await visitor.get()).text).toBe("2");
      await other.get("/", { Cookie: visitor.cookies }).expect("1");
      await expect.poll(() => warnings.filter(({ code }) => code === "HOLDFAST_SECRET_GENERATED").length).toBe(1);
    } finally {
      process.off("warning", note);
      vi.unstubAllEnvs();
    }
  });
});

describe("resave: true does not write to Redis what is there already", () => {
  const writes = async (candidate: Candidate) => {
    const site = await bench.site(candidate, { resave: true }, { "/write": write, "/read": read });
    const visitor = site.visitor();
    await visitor.get("/write");
    return bench.writesDuring(() => visitor.get("/read"));
  };

  it("the session is compared by our store, in both middlewares; connect-redis writes it", async () => {
    expect([await writes(control), await writes(plain), await writes(ours)]).toEqual([1, 0, 0]);
  });
});

describe("a lifetime that a handler gave to one visitor, and nothing else", () => {
  const remember: Handler = (req, res) => void ((req.session.cookie.maxAge = 86_400_000), res.end());
  const run = async (candidate: Candidate) => {
    const pages: Handlers = { "/write": write, "/remember": remember, "/read": read };
    const visitor = (await bench.site(candidate, { cookie: { maxAge: 60_000 } }, pages)).visitor();
    await visitor.get("/write");
    const expires = sentCookie(await visitor.get("/remember"))?.attributes["expires"] as string | undefined;
    return expires === undefined ? "not sent" : Math.round((Date.parse(expires) - Date.now()) / 3_600_000);
  };

  it("express-session: the visitor is not told, so the browser forgets the cookie after a minute", async () => {
    expect(await run(plain)).toBe("not sent");
  });

  it("redisSession: the cookie goes out with the new expiry", async () => {
    expect(await run(ours)).toBe(24);
  });
});

describe("one store in two middlewares", () => {
  const paths = async (candidate: Candidate) => {
    const store = new NotingStore();
    const first = bench.middleware(candidate, { store, name: "first", cookie: { path: "/first" } });
    const second = bench.middleware(candidate, { store, name: "second", cookie: { path: "/" } });
    const site = bench.keep(
      await listen(createServer((req, res) => first(req, res, () => second(req, res, () => write(req as never, res))))),
    );
    return [sentCookie(await site.get("/first"), "first"), sentCookie(await site.get("/other"), "second")].map(
      (cookie) => cookie?.attributes["path"],
    );
  };

  it("express-session: the later one's options win for both", async () => {
    expect(await paths(plain)).toEqual(["/", "/"]);
  });

  it("redisSession: each keeps its own", async () => {
    expect(await paths(ours)).toEqual(["/first", "/"]);
  });
});

describe("a session that no handler looks at", () => {
  const ignore: Handler = (_, res) => res.end("ignored");

  it("express-session: is made for every request", async () => {
    const { store, visitor } = await begin(plain, { "/ignore": ignore });
    const create = vi.spyOn(store, "createSession");
    await visitor.get("/ignore");
    expect(create).toHaveBeenCalledTimes(1);
  });

  it("redisSession: is not even parsed", async () => {
    const site = await bench.site(ours, {}, { "/write": write, "/ignore": ignore });
    const visitor = site.visitor();
    const id = sentId(await visitor.get("/write"));
    const parse = vi.spyOn(JSON, "parse");
    try {
      await visitor.get("/ignore");
      const parsed = parse.mock.calls.filter(([text]) => text.includes('"views"'));
      expect(parsed).toEqual([]);
    } finally {
      parse.mockRestore();
    }
    expect(await bench.stored(id)).toMatchObject({ views: 1 });
  });
});

describe("save and reload return the session, as express-session's types say", () => {
  it.each([
    { candidate: plain, expected: [false, false] },
    { candidate: ours, expected: [true, true] },
  ])("$candidate.name: $expected", async ({ candidate, expected }) => {
    const same: boolean[] = [];
    const { visitor } = await begin(candidate, {
      "/chain": async (req, res) => {
        const { session } = req;
        await new Promise((resolve) => void same.push(session.save(resolve) === session));
        await new Promise((resolve) => void same.push(session.reload(resolve) === session));
        res.end();
      },
    });
    await visitor.get("/chain");
    expect(same).toEqual(expected);
  });
});
