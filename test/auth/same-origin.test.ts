/** What a page of another site sends is refused: by `sameOrigin()`, and by JSON handlers that take JSON only. */
import express from "express";
import { agent } from "supertest";
import { describe, expect, it } from "vitest";
import { redisSession } from "holdfast";
import { localAuth, sameOrigin } from "holdfast/auth";
import { MemoryStore } from "express-session";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { secret } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const app = express();
app.use(sameOrigin({ origins: ["https://shop.example"] }));
app.all("/", (_req, res) => void res.send("done"));

type Headers = Record<string, string>;
const here = "127.0.0.1:8080";
const isDone: [headers: Headers, isDone: boolean][] = [
  [{}, true], // a program, not a browser
  [{ "sec-fetch-site": "same-origin" }, true],
  [{ "sec-fetch-site": "none" }, true],
  [{ "sec-fetch-site": "same-site" }, false],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ "sec-fetch-site": "cross-site", origin: `http://${here}` }, false],
  [{ "sec-fetch-site": "same-site", origin: "https://shop.example" }, true],
  [{ "sec-fetch-site": "" }, false],
  [{ "sec-fetch-site": "SAME-ORIGIN" }, false],
  [{ origin: `http://${here}` }, true],
  [{ origin: `http://${here.toUpperCase()}` }, true],
  [{ origin: "http://127.0.0.1:8081" }, false],
  [{ origin: "http://127.0.0.1" }, false],
  [{ origin: "https://shop.example" }, true],
  [{ origin: "https://shop.example:444" }, false],
  [{ origin: "http://shop.example" }, false],
  [{ origin: "https://evil.shop.example" }, false],
  [{ origin: "https://shop.example.evil.example" }, false],
  [{ origin: "null" }, false],
  [{ origin: "" }, false],
  [{ origin: `http://${here}@evil.example` }, false],
  [{ origin: `http://evil.example/${here}` }, false],
  [{ origin: "file://" }, false],
  [{ referer: `http://${here}/form` }, true],
  [{ referer: "http://evil.example/form" }, false],
  [{ origin: "http://evil.example", referer: `http://${here}/` }, false],
  [{ host: "shop.local", origin: "http://SHOP.local" }, true],
  [{ host: "[::1]:3000", origin: "http://[0:0:0:0:0:0:0:1]:3000" }, true],
  [{ host: "shop.local:80", origin: "http://shop.local" }, true],
];

describe("sameOrigin()", () => {
  it.each(isDone)("of a POST with %o: done is %s", async (headers, done) => {
    for (const method of ["post", "put", "patch", "delete"] as const) {
      const visitor = agent(app);
      const answer = await visitor[method]("/").set({ host: here, ...headers });
      expect(answer.status).toBe(done ? 200 : 403);
    }
    expect(
      (
        await agent(app)
          .get("/")
          .set({ host: here, ...headers })
      ).status,
    ).toBe(200);
  });

  it.each(["shop.example", "https://shop.example/", "https://shop.example/path", "*", ""])(
    "refuses %j as an origin at the start",
    (origin) => expect(() => sameOrigin({ origins: [origin] })).toThrow(/origins/),
  );
});

describe("JSON handlers", () => {
  const redis = useRedis();

  it("answer 415 to whatever a form or a foreign script can send, and nothing is done", async () => {
    const sessions = redisSession({ store: new MemoryStore(), secret });
    const client = await redis.client();
    const auth = localAuth({ sessions, client, accounts: new AccountsInMemory(), throttle: false });
    const site = express();
    site.use(sessions, auth.middleware, express.json(), express.urlencoded({ extended: false }), express.text());
    const { devices: _get, session, ...posts } = auth.json();
    for (const [name, handler] of Object.entries(posts)) site.post(`/${name}`, handler);
    site.get("/session", session);
    const ada = { username: "Ada", password: "correct horse", current: "correct horse", device: "x" };
    const visitor = agent(site);
    expect((await visitor.post("/register").send(ada)).status).toBe(201);
    for (const name of Object.keys(posts)) {
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
      ]) {
        const { status, body } = await visitor.post(`/${name}`).type(type).send(JSON.stringify(ada));
        expect([name, status, body.reason]).toEqual([name, 415, "json-required"]);
      }
      expect([name, (await visitor.post(`/${name}`)).status]).toEqual([name, 415]);
    }
    expect((await visitor.get("/session")).body.user.username).toBe("Ada");
    expect((await visitor.post("/logOut").type("application/json; charset=utf-8").send("{}")).status).toBe(200);
    expect((await visitor.get("/session")).body.user).toBeNull();
  });
});
