/**
 * What passport's strategies and options do, behind `auth.middleware` as without it; and what a login by any strategy
 * does when Redis is away.
 */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from "express";
import passport from "passport";
import { redisSession } from "holdfast";
import { localAuth, requireRecentLogin } from "holdfast/auth";
import { testRedis } from "holdfast/testing";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { secret, valuesOf } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

const redis = useRedis();
let client: RedisClientType;
expectNothingUnhandled();
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

interface Person {
  id: number;
}

/** The contract of a strategy: it calls one of these on itself. */
interface Verdict {
  success(user: Person, info?: object): void;
  fail(challenge: object | string, status?: number): void;
  redirect(url: string): void;
  pass(): void;
}
type Authenticate = (this: Verdict, req: Request) => void;

function strategy(name: string, authenticate: Authenticate): passport.Strategy {
  const made = new (passport.Strategy as new () => passport.Strategy)();
  return Object.assign(made, { name, authenticate: authenticate as never });
}

/** Who comes back with a `user` has proved who they are; nobody else has. */
const strategies = [
  strategy("provider", function (req) {
    const { user } = { ...req.query, ...req.body } as { user?: string };
    if (user) this.success({ id: Number(user) }, { message: `Welcome ${user}.` });
    else this.fail({ message: "Who are you?" });
  }),
  strategy("remember-me", function (req) {
    const [, user] = /remembered=(\d+)/.exec(req.headers.cookie ?? "") ?? [];
    if (req.isAuthenticated() || !user) this.pass();
    else this.success({ id: Number(user) });
  }),
];

type Messages = { messages?: string[]; flash?: Record<string, string[]>; factors?: number };

/** As connect-flash does it. */
const flash: RequestHandler = (req, _res, next) => {
  Object.assign(req, {
    flash(type: string, message: string) {
      const session = valuesOf(req) as Messages;
      session.flash = { ...session.flash, [type]: [...(session.flash?.[type] ?? []), message] };
    },
  });
  next();
};

const methods = (req: Request) => req as unknown as Record<string, (...args: unknown[]) => unknown>;

function site(isOurs: boolean, given: object = client) {
  const sessions = redisSession({ client: given, secret });
  const auth = localAuth({ sessions });
  const theirs = new passport.Passport();
  for (const one of strategies) theirs.use(one);
  theirs.serializeUser((_user, done) => done("pass"));
  theirs.serializeUser((req: IncomingMessage, user: unknown, done: (error: unknown, stored?: unknown) => void) =>
    done(null, { id: (user as Person).id, host: req.headers.host }),
  );
  theirs.deserializeUser((stored: Person, done: (error: unknown, user?: Express.User) => void) =>
    done(null, { id: stored.id } as Express.User),
  );
  const authenticate = (options: object, name = "provider") => theirs.authenticate(name, options) as RequestHandler;
  const done: RequestHandler = (req, res) => void res.json({ user: req.user ?? null });

  const app = express().use(sessions, flash, express.urlencoded({ extended: false }));
  if (isOurs) app.use(auth.middleware);
  app.use(theirs.session() as RequestHandler);
  app.get("/remember-me", authenticate({ remember: true }, "remember-me"), done);
  app.get("/plain", authenticate({}), done);
  app.post("/acs", authenticate({ successRedirect: "/me" }));
  app.get("/failure-redirect", authenticate({ failureRedirect: "/me", failureMessage: true }), done);
  app.get("/failure-flash", authenticate({ failureRedirect: "/me", failureFlash: true }), done);
  app.get("/failure-flash-text", authenticate({ failureRedirect: "/me", failureFlash: "No." }), done);
  app.get("/failure-error", authenticate({ failWithError: true }), done);
  app.get("/success-flash", authenticate({ successFlash: true, successRedirect: "/me" }));
  app.get("/success-message", authenticate({ successMessage: true, keepSessionInfo: true, successRedirect: "/me" }));
  app.get("/return-to", (req, _res, next) => {
    Object.assign(req.session, { returnTo: "/asked?for=this" });
    next();
  });
  app.get("/return-to", authenticate({ successReturnToOrRedirect: "/me", keepSessionInfo: true }));
  app.get("/return-to-lost", (req, _res, next) => {
    Object.assign(req.session, { returnTo: "/asked?for=this" });
    next();
  });
  app.get("/return-to-lost", authenticate({ successReturnToOrRedirect: "/me" }));
  app.get("/once", authenticate({ session: false }), done);
  app.get("/authorize", theirs.authorize("provider", {}) as RequestHandler, (req, res) => {
    res.json({ user: req.user ?? null, account: (req as { account?: unknown }).account });
  });
  app.get("/own-callback", (req, res, next) => {
    const decide = (error: unknown, user: Person | false) => {
      if (error) return next(error);
      if (!user) return res.status(403).send("not you");
      return req.logIn(user, (failure) => (failure ? next(failure) : res.json({ user: req.user })));
    };
    (theirs.authenticate("provider", decide) as RequestHandler)(req, res, next);
  });
  app.get("/promisified", async (req, res) => {
    await promisify(req.logIn.bind(req) as (user: Person, done: (error: unknown) => void) => void)({ id: 9 });
    res.json({ user: req.user });
  });
  app.get("/without-callback", (req) => void methods(req)["logIn"]!({ id: 9 }));
  app.get("/out-without-callback", (req) => void methods(req)["logout"]!());
  app.get("/for-now", (req, res) => {
    methods(req)["logIn"]!({ id: 9 }, { session: false });
    res.json({ user: req.user });
  });
  app.get("/out", (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect("/me"))));
  app.get("/second-factor", (req, res, next) => {
    const options = { session: true, keepSessionInfo: true, confirmed: true };
    req.logIn(req.user!, options, (error) => {
      if (error) return next(error);
      (valuesOf(req) as Messages).factors = 2;
      res.redirect("/me");
    });
  });
  app.get("/recent", requireRecentLogin(60), (_req, res) => void res.send("recent"));
  app.get("/at-once", async (req, res) => {
    const attempt = () => promisify(req.logIn.bind(req) as never as (user: Person) => void)({ id: 9 });
    await Promise.all([attempt(), attempt(), attempt()]);
    res.json({ user: req.user });
  });
  app.get("/me", (req, res) => {
    const { messages, flash: flashed, factors } = valuesOf(req) as Messages;
    res.json({ user: req.user ?? null, isAuthenticated: req.isAuthenticated(), messages, flash: flashed, factors });
  });
  app.get("/devices", async (req, res) => void res.json(await auth.devices(req)));
  app.use(((error, _req, res, _next) => {
    const { status = 500, message, headers = {} } = error;
    res
      .status(status)
      .set(headers)
      .json({ message: status === 500 || status === 401 ? message : undefined });
  }) as ErrorRequestHandler);
  return () => agent(app);
}

type Visitor = ReturnType<ReturnType<typeof site>>;

async function ask(visitor: Visitor, path: string) {
  const answer = path.startsWith("POST ")
    ? await visitor.post(path.slice(5)).type("form").send({ user: "7" })
    : await visitor.get(path).set("Cookie", path === "/remember-me" ? "remembered=5" : "");
  const { location, "retry-after": retryAfter } = answer.headers;
  return { path, status: answer.status, location, retryAfter, body: answer.body, text: answer.text };
}

/** What a visitor sees who asks for these pages, one after the other. */
async function seen(isOurs: boolean, paths: string[]) {
  const visitor = site(isOurs)();
  const answers = [];
  for (const path of paths) answers.push(await ask(visitor, path));
  return answers;
}

const ways: Record<string, string[]> = {
  "a strategy that succeeds": ["/plain?user=7", "/me"],
  "a provider that posts back, as SAML's do": ["POST /acs", "/me"],
  "one that fails": ["/plain", "/me"],
  "failureRedirect with failureMessage": ["/failure-redirect", "/me"],
  failureFlash: ["/failure-flash", "/me", "/failure-flash-text", "/me"],
  failWithError: ["/failure-error", "/me"],
  "a failure of somebody who is logged in": ["/plain?user=7", "/failure-redirect", "/me"],
  "successFlash, and successMessage with keepSessionInfo": [
    "/success-flash?user=7",
    "/me",
    "/success-message?user=7",
    "/me",
  ],
  successReturnToOrRedirect: ["/return-to?user=7", "/me", "/return-to-lost?user=7", "/me"],
  "session: false": ["/once?user=7", "/me"],
  "authorize(), which connects another account": ["/plain?user=7", "/authorize?user=8", "/me"],
  "a callback of the app's own": ["/own-callback", "/own-callback?user=7", "/me"],
  "logIn() as a promise": ["/promisified", "/me"],
  "logIn() and logout() without a callback": ["/without-callback", "/out-without-callback", "/for-now", "/me"],
  "a second factor": ["/plain?user=7", "/second-factor", "/me"],
  "remember me": ["/remember-me", "/me", "/out", "/me"],
  "another user": ["/plain?user=7", "/plain?user=8", "/me", "/out", "/me"],
};

describe.each(Object.entries(ways))("%s", (_name, paths) => {
  it("looks the same with auth.middleware as without", async () => {
    const [ours, theirs] = [await seen(true, paths), await seen(false, paths)];
    expect(ours.map(withoutWords)).toEqual(theirs.map(withoutWords));
    expect(ours.at(-1)).toMatchObject({ status: 200 });
  });
});

/** Errors for developers have words of their own. */
function withoutWords({ body, text: _text, ...answer }: Awaited<ReturnType<typeof ask>>) {
  const { message, ...rest } = body as { message?: string };
  return { ...answer, body: rest, hasMessage: message !== undefined };
}

describe("a login by a strategy", () => {
  it("without a callback is refused in words, as passport does, and nobody is logged in", async () => {
    const [logIn, logOut, now, later] = await seen(true, ways["logIn() and logout() without a callback"]!);
    expect(logIn!.body.message).toContain("req.logIn() needs a callback");
    expect(logOut!.body.message).toContain("req.logOut() needs a callback");
    expect([now!.body.user, later!.body.user]).toEqual([{ id: 9 }, null]);
  });

  it("that was confirmed with a second factor counts as a recent one, and there is one device", async () => {
    const paths = ["/plain?user=7", "/recent", "/second-factor", "/recent", "/devices"];
    const [, before, , after, devices] = await seen(true, paths);
    expect([before!.status, after!.text]).toEqual([401, "recent"]);
    expect(devices!.body).toHaveLength(1);
  });

  it("that a cookie remembers has the longer timeouts", async () => {
    const [, devices] = await seen(true, ["/remember-me", "/devices"]);
    expect(devices!.body).toMatchObject([{ remember: true, isThis: true }]);
  });

  it("three times at once in one request is one login, and it lasts", async () => {
    const [begun, me, devices] = await seen(true, ["/at-once", "/me", "/devices"]);
    expect([begun!.status, me!.body.user]).toEqual([200, { id: 9 }]);
    expect(devices!.body.filter(({ isThis }: { isThis: boolean }) => isThis)).toHaveLength(1);
  });

  it.each(["everything", "writes"] as const)(
    "while Redis is away (%s) is 503 with Retry-After, with every option, and nobody is logged in",
    async (what) => {
      for (const path of ["/plain?user=7", "POST /acs", "/return-to?user=7", "/own-callback?user=7", "/promisified"]) {
        const memory = testRedis();
        const visitor = site(true, memory)();
        memory.goDown(what);
        const { status, retryAfter } = await ask(visitor, path);
        expect([path, status, retryAfter]).toEqual([path, 503, "1"]);
        memory.comeBack();
        expect((await ask(visitor, "/me")).body.user).toBeNull();
      }
    },
  );

  it("while Redis is away leaves whoever was logged in before as they were", async () => {
    const memory = testRedis();
    const visitor = site(true, memory)();
    await visitor.get("/plain?user=7").expect(200);
    memory.goDown("writes");
    await visitor.get("/plain?user=8").expect(503);
    memory.comeBack();
    expect((await visitor.get("/me")).body.user).toEqual({ id: 7 });
  });
});
