/** Answers in trouble: what is left of one that was dropped, who may still write, and errors on top of errors. */
import compression from "compression";
import express, { type NextFunction, type Request, type Response } from "express";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { useBench, type AnyRequest, type Routes } from "./answer-bench.js";
import { exchange, parseAnswer } from "./raw-exchange.js";

const bench = useBench();
const code = "SESSION_STORE_UNAVAILABLE";

describe("after a save has failed", () => {
  it("headers that are not about the answer stay: a security policy, CORS, cookies of the app", async () => {
    const kept = {
      "content-security-policy": "default-src 'self'",
      "content-security-policy-report-only": "default-src 'none'",
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    };
    const { answer } = await bench.failsInstead((tools) =>
      bench.bare(
        (_req, res) => {
          for (const [name, value] of Object.entries(kept)) res.setHeader(name, value);
          res.setHeader("Content-Language", "de").setHeader("ETag", '"1"').end("hello");
        },
        "changes",
        tools,
      ),
    );
    expect(answer.headers).toMatchObject(kept);
    expect(answer.headers).not.toHaveProperty("content-language");
    expect(answer.headers).not.toHaveProperty("etag");
  });

  it("trailers of the answer that was dropped do not end the error", async () => {
    const cookie = await bench.cookie();
    const use = bench.use("changes");
    const port = await bench.listen((req, res) =>
      use(req, res, (error) => {
        if (error) {
          res.writeHead(503);
          res.write("so");
          return void res.end("rry");
        }
        res.setHeader("Trailer", "X-Sum");
        res.addTrailers({ "X-Sum": "42" });
        res.end("hello");
      }),
    );
    await bench.refuseWrites();
    const bytes = await exchange(port, { headers: { Cookie: cookie } });
    expect(parseAnswer(bytes)).toMatchObject({ status: 503, body: "sorry" });
    expect(bytes).not.toContain("X-Sum");
  });

  it("an error handler that sets no status does not make a success of it", async () => {
    const cookie = await bench.cookie();
    const app = express().use(bench.use("changes"));
    app.get("/", (_req, res) => void res.send("saved"));
    app.use((_error: Error, _req: Request, res: Response, _next: NextFunction) => void res.json({ sorry: true }));
    const port = await bench.listen(app);
    await bench.refuseWrites();
    expect(parseAnswer(await exchange(port, { headers: { Cookie: cookie } }))).toMatchObject({
      status: 503,
      body: '{"sorry":true}',
    });
  });

  it("a writer that goes on regardless cannot turn it into a success", async () => {
    const cookie = await bench.cookie();
    const app = express().use(bench.use("changes"));
    let failed!: () => void;
    const failure = new Promise<void>((resolve) => (failed = resolve));
    app.get("/", async (_req, res) => {
      res.write("one ");
      await failure;
      res.end("two");
    });
    app.use(async (_error: Error, _req: Request, res: Response, _next: NextFunction) => {
      failed();
      for (let i = 0; i < 3; i++) await turn(); // as one that renders a page
      if (!res.headersSent) res.status(503).send("sorry");
    });
    const port = await bench.listen(app);
    await bench.refuseWrites();
    expect(parseAnswer(await exchange(port, { headers: { Cookie: cookie } })).status).toBe(503);
  });

  it("what compression has left comes too late to mix into the error, also when the error takes its time", async () => {
    const cookie = await bench.cookie();
    const finished: string[] = [];
    const app = express();
    app.use((_req, res, next) => {
      res.on("error", (error) => finished.push(error.message));
      res.on("close", () => finished.push("close"));
      next();
    });
    app.use(bench.use("changes"), compression());
    app.get("/", (_req, res) => void res.type("text").send("all work and no play ".repeat(100_000)));
    app.use(async (error: any, _req: Request, res: Response, _next: NextFunction) => {
      for (let i = 0; i < 200; i++) await turn();
      res.status(error.status).type("text").write("so");
      for (let i = 0; i < 200; i++) await turn();
      res.end("rry");
    });
    const port = await bench.listen(app);
    await bench.refuseWrites();
    for (let i = 0; i < 10; i++) {
      const answer = parseAnswer(await exchange(port, { headers: { Cookie: cookie, "Accept-Encoding": "gzip" } }));
      expect(answer).toMatchObject({ status: 503, body: "sorry" });
      expect(answer.headers).not.toHaveProperty("content-encoding");
    }
    expect(finished).toEqual(Array(10).fill("close"));
  });
});

describe("an error handler", () => {
  const handlers: Record<string, (res: Response, error: any) => unknown> = {
    "that answers at once": (res, error) => res.status(error.status).send(error.code),
    "that answers later": async (res, error) => {
      for (let i = 0; i < 3; i++) await turn();
      res.status(error.status).send(error.code);
    },
    "that streams its answer": async (res, error) => {
      res.status(error.status).write(error.code.slice(0, 5));
      await turn();
      res.end(error.code.slice(5));
    },
    "that redirects": (res) => res.redirect(302, "/sorry"),
    "that passes it on": (_res, error) => Promise.reject(error),
    "that throws": () => {
      throw new Error("no page for that");
    },
  };
  const expected: Record<string, object> = {
    "that redirects": { status: 302, headers: { location: "/sorry" } },
    "that passes it on": { status: 503, headers: { "retry-after": "1" } },
    "that throws": { status: 503 },
  };

  it.each(Object.entries(handlers))("%s is what the client sees, once", async (name, handle) => {
    const cookie = await bench.cookie();
    const routes: Routes = (app) => {
      app.get("/", (_req, res) => void res.send("hello"));
      app.use((error: any, _req: Request, res: Response, _next: NextFunction) => handle(res, error));
    };
    await bench.refuseWrites();
    const { answer, notes } = await bench.run((tools) => bench.express(routes, "changes", tools), {
      headers: { Cookie: cookie },
    });
    if (name === "that throws") expect(answer).toMatchObject({ status: 500, body: "no page for that" });
    else expect(answer).toMatchObject(expected[name] ?? { status: 503, body: code });
    expect(notes).toEqual(["finish", "close"]);
  });
});

describe("an answer that cannot be sent", () => {
  const mistakes: Record<string, (res: Response) => unknown> = {
    "a line break in a header of writeHead": (res) => res.writeHead(302, { Location: "/a\r\nX: 1" }).end(),
    "a line break in a header of an error": (res) => res.writeHead(500, { "X-Why": "a\r\nX: 1" }).end(),
    "a status that is none": (res) => res.writeHead(1000).end(),
    "a statusCode that is none": (res) => ((res.statusCode = 1000), res.end("hello")),
    "a body of the wrong type": (res) => res.end({} as never),
    "a body of the wrong type in an error": (res) => ((res.statusCode = 500), res.end({} as never)),
    "a write of null": (res) => res.write(null),
  };

  it.each(Object.entries(mistakes))("(%s) becomes a 500, as without sessions", async (_name, answer) => {
    const cookie = await bench.cookie();
    for (const usage of ["none", "reads", "changes"] as const) {
      const routes: Routes = (app) => void app.get("/", (_req, res) => void answer(res));
      const outcome = await bench.run((tools) => bench.express(routes, usage, tools), { headers: { Cookie: cookie } });
      expect.soft(outcome.answer.status, usage).toBe(500);
      expect.soft(outcome.notes, usage).toEqual(["finish", "close"]);
    }
  });

  it("(one that is an error, when the save fails as well) is broken off rather than left hanging", async () => {
    const cookie = await bench.cookie();
    await bench.refuseWrites();
    const answer = (_req: AnyRequest, res: any) => res.writeHead(500, { "X-Why": "a\r\nX: 1" }).end();
    const outcome = await bench.run((tools) => bench.bare(answer, "changes", tools), { headers: { Cookie: cookie } });
    expect(outcome.answer.status).toBeGreaterThanOrEqual(500);
  });
});

describe("an answer that is an error itself", () => {
  it.each(["end", "write", "writeHead"])("goes out by %s as it is when nothing could be saved", async (way) => {
    const cookie = await bench.cookie();
    await bench.refuseWrites();
    const { answer, notes } = await bench.run(
      (tools) =>
        bench.bare(
          (_req, res) => {
            res.setHeader("ETag", '"1"');
            if (way === "writeHead") res.writeHead(502);
            else res.statusCode = 502;
            if (way === "write") res.write("my own ");
            res.end(way === "write" ? "words" : "my own words");
          },
          "changes",
          tools,
        ),
      { headers: { Cookie: cookie } },
    );
    expect(answer).toMatchObject({ status: 502, body: "my own words", headers: { etag: '"1"' } });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    expect(notes).toEqual(["finish", "close"]);
  });
});

describe("two answers to one request", () => {
  const second: Record<string, (res: Response) => unknown> = {
    "end()": (res) => res.end(),
    "end(callback)": (res) => res.end(() => {}),
    "writeHead, caught": (res) => expect(() => res.writeHead(500)).toThrow(expect.objectContaining(tooLate)),
    "setHeader, caught": (res) => expect(() => res.setHeader("X-Late", "1")).toThrow(expect.objectContaining(tooLate)),
    "appendHeader, caught": (res) =>
      expect(() => res.appendHeader("X-Late", "1")).toThrow(expect.objectContaining(tooLate)),
    "removeHeader, caught": (res) =>
      expect(() => res.removeHeader("X-First")).toThrow(expect.objectContaining(tooLate)),
    "json, caught": (res) => expect(() => res.json(2)).toThrow(expect.objectContaining(tooLate)),
    "redirect, caught": (res) => expect(() => res.redirect("/")).toThrow(expect.objectContaining(tooLate)),
    "status alone": (res) => res.status(500),
  };
  const tooLate = { code: "ERR_HTTP_HEADERS_SENT" };

  it.each(Object.entries(second))("the first one counts: %s", async (_name, answer) => {
    const { answer: seen } = await bench.sameForAll((usage, tools) => {
      const app = express().use(bench.use(usage));
      app.get("/", (_req, res) => {
        res.set("X-First", "1").send("first");
        answer(res);
      });
      app.use((error: Error, _req: Request, _res: Response, _next: NextFunction) => tools.note(error.message));
      return app;
    });
    expect(seen).toMatchObject({ status: 200, body: "first", headers: { "x-first": "1" } });
  });
});
