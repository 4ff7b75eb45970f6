/** What a page of another site sends is refused by `sameOrigin()`. */
import express from "express";
import { agent } from "supertest";
import { describe, expect, it } from "vitest";
import { sameOrigin } from "holdfast/auth";

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
  [{ host: "", origin: "file://" }, false],
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

  it("takes origins, or none", () => {
    for (const origins of [undefined, [], ["https://shop.example", "http://[::1]:3000"]])
      expect(sameOrigin({ origins })).toBeTypeOf("function");
    expect(sameOrigin()).toBeTypeOf("function");
  });

  it.each(["shop.example", "https://shop.example/", "https://shop.example/path", "*", ""])(
    "refuses %j as an origin at the start",
    (origin) => expect(() => sameOrigin({ origins: [origin] })).toThrow(/origins/),
  );
});
