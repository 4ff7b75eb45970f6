/** By name, everything in which redisSession is meant to differ from express-session, shown on both sides. */
import { createServer } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { useBench } from "./bench.js";
import { control, ours, plain, type Candidate, type ParityOptions } from "./middlewares.js";
import { listen, sentCookie, sentId, setCookies, type Handler, type Handlers, type SessionRequest } from "./site.js";
import { NotingStore } from "./stores.js";

const bench = useBench();

const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
const read: Handler = (req, res) => res.end(String(req.session.views));
type Method = "save" | "regenerate" | "destroy";
const call = (req: SessionRequest, method: Method) => new Promise((resolve) => void req.session[method](resolve));

/** A visitor with a stored session `{ views: 1 }`, on a store that notes and fails on demand. */
async function begin(candidate: Candidate, pages: Record<string, Handler> = {}, options: Partial<ParityOptions> = {}) {
  const store = new NotingStore();
  const site = await bench.site(candidate, { store, ...options }, { "/write": write, "/read": read, ...pages });
  const visitor = site.visitor();
  const id = sentId(await visitor.get("/write"));
  store.calls.length = 0;
  return { store, site, visitor, id };
}

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

describe("a maxAge that is no number", () => {
  it("redisSession: is an error of the request (express-session leaves the visitor without an answer)", async () => {
    const site = await bench.site(ours, { cookie: { maxAge: "1h" as never } }, write);
    await site
      .get()
      .timeout(5_000)
      .expect(500, /maxAge must be a number/);
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

describe("something that cannot be written", () => {
  it("redisSession: is an error of the request (express-session throws again once saved, and ends the process)", async () => {
    const nonsense: Handler = (req, res) => void ((req.session.views = 9), res.end(42 as never));
    const { visitor, site } = await begin(ours, { "/nonsense": nonsense });
    expect((await visitor.get("/nonsense")).status).toBe(500);
    expect(site.errors).toMatchObject([{ code: "ERR_INVALID_ARG_TYPE" }]);
  });
});

describe("an error answer of the app's own, when its session cannot be saved", () => {
  const explain: Handler = async (req, res) => {
    req.session.paid = true;
    await call(req, "save");
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

  it("redisSession: the save is tried again, and its error takes the answer's place", async () => {
    expect(await run(ours)).toEqual([500, "no set today", 2]);
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
