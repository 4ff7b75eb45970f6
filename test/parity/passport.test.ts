/** passport on top: login, logout and a failed login, with sessions that exist before. */
import express from "express";
import { createServer } from "node:http";
import passportModule from "passport";
import { Strategy } from "passport-local";
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates, type Candidate } from "./support/middlewares.js";
import { listen, sentId, type SessionRequest, type Site } from "./support/site.js";

const bench = useBench();

async function siteWithLogin(candidate: Candidate, keepSessionInfo = false): Promise<Site> {
  const passport = new passportModule.Passport();
  passport.use(new Strategy((name, password, done) => done(null, password === "secret" ? { name } : false)));
  passport.serializeUser((user, done) => done(null, (user as { name: string }).name));
  passport.deserializeUser((name: string, done) => done(null, { name }));

  const app = express();
  app.use(bench.middleware(candidate, { cookie: { maxAge: 60_000 } }) as express.RequestHandler);
  app.use(passport.session());
  app.get("/cart", (req, res) => {
    (req as unknown as SessionRequest).session.cart = ["tea"];
    res.send("in the cart");
  });
  app.get("/login", passport.authenticate("local", { failureRedirect: "/again", keepSessionInfo }), (_req, res) =>
    res.redirect("/me"),
  );
  app.get("/logout", (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect("/"))));
  app.get("/me", (req, res) => {
    const { cart } = (req as unknown as SessionRequest).session;
    res.send(`${(req.user as { name: string } | undefined)?.name} ${cart}`);
  });
  return bench.keep(await listen(createServer(app)));
}

const right = "/login?username=ann&password=secret";
const wrong = "/login?username=ann&password=guess";

describe.each(candidates)("passport with $name", (candidate) => {
  it("logs in under a new id, and the redirect does not overtake the session", async () => {
    const site = await siteWithLogin(candidate);
    const visitor = site.visitor();
    const id = sentId(await visitor.get("/cart"));
    for (let i = 0; i < 10; i++) {
      const answer = await visitor.get(right);
      expect([answer.status, answer.headers["location"]]).toEqual([302, "/me"]);
      expect(sentId(answer)).not.toBe(id);
      expect((await visitor.get("/me")).text).toBe("ann undefined");
      expect(await bench.ids()).toHaveLength(1);
    }
  });

  it("keeps what the visitor had, when asked to", async () => {
    const visitor = (await siteWithLogin(candidate, true)).visitor();
    await visitor.get("/cart");
    await visitor.get(right);
    expect((await visitor.get("/me")).text).toBe("ann tea");
  });

  it("logs out: the old session is gone, and with it the login", async () => {
    const visitor = (await siteWithLogin(candidate)).visitor();
    const id = sentId(await visitor.get(right));
    const before = visitor.cookies;
    await visitor.get("/logout");
    expect(await bench.stored(id)).toBeNull();
    expect((await visitor.get("/me")).text).toBe("undefined undefined");
    expect((await visitor.get("/me", { Cookie: before })).text).toBe("undefined undefined");
  });

  it("after a failed login, the visitor is who he was", async () => {
    const visitor = (await siteWithLogin(candidate)).visitor();
    await visitor.get("/cart");
    const answer = await visitor.get(wrong);
    expect([answer.status, answer.headers["location"]]).toEqual([302, "/again"]);
    expect((await visitor.get("/me")).text).toBe("undefined tea");
  });
});
