/** The course of an answer: when its parts go out, what comes too late, and who else may take part. */
import express from "express";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import {
  listen,
  sentCookie,
  sentId,
  setCookies,
  type Handler,
  type SessionRequest,
  type Site,
} from "./support/site.js";

const bench = useBench();

const change = (req: SessionRequest) => void (req.session.views = (req.session.views ?? 0) + 1);
const big = "0123456789abcdef".repeat(65_536);

describe.each(candidates)("the answer behind $name", (candidate) => {
  it("of a HEAD request has the headers and no body", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      res.setHeader("Content-Length", 5);
      res.end("hello");
    });
    const answer = await site.head().expect(200).expect("Content-Length", "5");
    expect(await bench.stored(sentId(answer))).toMatchObject({ views: 1 });
  });

  it("of a POST request comes after the body was read", async () => {
    const site = await bench.site(candidate, {}, async (req, res) => {
      change(req);
      let text = "";
      for await (const part of req) text += part;
      res.end(`${text.length}`);
    });
    const answer = await fetch(site.url, { method: "POST", body: big });
    expect(await answer.text()).toBe(String(big.length));
  });

  it("reaches the visitor in pieces, the first before the handler is done", async () => {
    let release: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const site = await bench.site(candidate, {}, async (req, res) => {
      change(req);
      res.write("first ");
      await released;
      res.end("second");
    });
    const { answer, received, text } = await open(site);
    await expect.poll(received).toBe("first ");
    expect(answer.headers["set-cookie"]).toHaveLength(1);
    release!();
    expect(await text).toBe("first second");
  });

  it("keeps what changed after the head was sent, but cannot send a cookie any more", async () => {
    const site = await bench.site(candidate, {}, async (req, res) => {
      if (req.url === "/late") res.write("head is out, ");
      change(req);
      res.end("done");
    });
    expect(sentCookie(await site.get("/late").expect(200, "head is out, done"))).toBeUndefined();
    const visitor = site.visitor();
    const id = sentId(await visitor.get("/"));
    await visitor.get("/late");
    expect(await bench.stored(id)).toMatchObject({ views: 2 });
  });

  it("is the first one when end is called twice", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      res.setHeader("Content-Type", "text/plain");
      res.end("one");
      res.end();
      res.end("two");
    });
    const visitor = site.visitor();
    for (let i = 0; i < 2; i++) expect((await visitor.get()).text).toBe("one");
    expect(site.errors).toEqual([]);
  });

  it.each(["a text", "a buffer", "nothing", "a text, for HEAD"])(
    "that somebody ends past the session, with an end that was kept (%s), is whole and has the cookie",
    async (what) => {
      const body = what === "nothing" ? undefined : what === "a buffer" ? Buffer.from("late") : "late";
      let end: (body?: string | Buffer) => void;
      const site = await bench.site(candidate, {}, (req) => (change(req), end(body)), {
        before: (_req, res) => (end = res.end.bind(res)),
      });
      for (let i = 0; i < 2; i++) {
        const answer = await (what.endsWith("HEAD") ? site.head() : site.get()).timeout(2000);
        expect([answer.status, answer.text ?? ""]).toEqual([200, body && !what.endsWith("HEAD") ? "late" : ""]);
        expect(sentId(answer)).toHaveLength(32);
      }
      expect(site.errors).toEqual([]);
    },
  );

  it("that cannot be sent becomes an error, with the cookie of what was saved", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      if (req.url === "/header") res.writeHead(200, { "X-Late": "a\r\nb" });
      if (req.url === "/status") res.writeHead(1000);
      res.end(String(req.session.views));
    });
    for (const path of ["/header", "/status"]) {
      const visitor = site.visitor();
      const answer = await visitor.get(path);
      expect([path, answer.status]).toEqual([path, 500]);
      expect(setCookies(answer)).toHaveLength(1);
      expect((await visitor.get("/")).text).toBe("2");
    }
  });

  it("cannot be changed any more once end was called", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      res.statusCode = 201;
      res.end("one");
      try {
        res.statusCode = 500;
        res.setHeader("X-Late", "yes");
        res.end("two");
      } catch {
        // an error is fine as well: the headers are sent
      }
    });
    const answer = await site.get();
    expect([answer.status, answer.text, answer.headers["x-late"]]).toEqual([201, "one", undefined]);
  });

  it("has sent its headers, for whoever asks, once end was called", async () => {
    let seen: unknown;
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      res.end("one");
      seen = res.headersSent;
    });
    await site.get().expect(200, "one");
    expect(seen).toBe(true);
  });

  it("is not replaced by an error that comes after its end", async () => {
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      res.end("one");
      throw new Error("too late");
    });
    await site.get().expect(200, "one");
    expect(site.errors.map((error) => error.message)).toEqual(["too late"]);
  });

  it("emits finish once, after the session was stored", async () => {
    let stored: Promise<unknown> | undefined;
    let finished = 0;
    const site = await bench.site(candidate, {}, (req, res) => {
      change(req);
      res.on("finish", () => {
        finished++;
        stored = bench.stored(req.sessionID);
      });
      res.end("one");
    });
    await site.get().expect(200, "one");
    await expect.poll(() => finished).toBe(1);
    expect(await stored).toMatchObject({ views: 1 });
  });

  it.each(["before", "behind"])("passes through a middleware %s it that wraps write and end", async (place) => {
    const shout = (res: any) => {
      const { write, end } = res;
      res.write = (chunk: unknown, ...rest: unknown[]) => write.call(res, String(chunk).toUpperCase(), ...rest);
      res.end = (chunk: unknown, ...rest: unknown[]) => end.call(res, chunk && String(chunk).toUpperCase(), ...rest);
    };
    const handler: Handler = (req, res) => {
      if (place === "behind") shout(res);
      change(req);
      res.write("hello, ");
      res.end("world");
    };
    const site = await bench.site(candidate, {}, handler, place === "before" ? { before: (_, res) => shout(res) } : {});
    const visitor = site.visitor();
    for (let i = 0; i < 2; i++) expect((await visitor.get()).text).toBe("HELLO, WORLD");
    expect(await bench.ids()).toHaveLength(1);
  });

  it("waits for a slow visitor: write says so, and drain comes", async () => {
    let drained = false;
    const site = await bench.site(candidate, {}, async (req, res) => {
      change(req);
      while (res.write(big)) continue;
      await new Promise((resolve) => res.once("drain", resolve));
      drained = true;
      res.end();
    });
    const { text } = await open(site);
    expect((await text).length % big.length).toBe(0);
    expect(drained).toBe(true);
  });

  it("does not leave a writer waiting who stops whenever write says so", async () => {
    const site = await bench.site(candidate, {}, async (req, res) => {
      change(req);
      for (const part of ["one ", "two ", "three"]) {
        if (!res.write(part)) await new Promise((resolve) => res.once("drain", resolve));
      }
      res.end();
    });
    await site.get().timeout(5_000).expect(200, "one two three");
  });

  it("that nobody waits for any more is still followed by the save", async () => {
    let left!: () => void;
    const gone = new Promise<void>((resolve) => (left = resolve));
    const site = await bench.site(candidate, {}, async (req, res) => {
      change(req);
      if (req.url === "/leave") {
        res.once("close", left);
        res.write("go on");
        await gone;
      }
      res.end();
    });
    const visitor = site.visitor();
    const id = sentId(await visitor.get());
    const { answer } = await open(site, "/leave", visitor.cookies);
    answer.destroy();
    await expect.poll(async () => (await bench.stored(id))!["views"]).toBe(2);
  });

  it("can be made with every means of Express", async () => {
    const app = express().use(bench.middleware(candidate) as express.RequestHandler);
    app.use((req, _res, next) => (change(req as never), next()));
    app.get("/send", (_req, res) => void res.send("<p>sent</p>"));
    app.get("/json", (_req, res) => void res.json({ a: 1 }));
    app.get("/status", (_req, res) => void res.sendStatus(404));
    app.get("/redirect", (_req, res) => res.redirect("/send"));
    app.get("/file", (_req, res) => res.sendFile(new URL(import.meta.url).pathname));
    app.get("/throw", () => Promise.reject(Object.assign(new Error("no tea"), { status: 418, expose: true })));
    const site = bench.keep(await listen(createServer(app)));
    const visitor = site.visitor();
    const text = async (path: string) => (await visitor.get(path)).text;
    const status = async (path: string) => (await visitor.get(path)).status;
    expect(await text("/send")).toBe("<p>sent</p>");
    const tag = (await visitor.get("/send")).headers["etag"]!;
    expect((await visitor.get("/send", { "If-None-Match": tag })).status).toBe(304);
    expect(await text("/json")).toBe('{"a":1}');
    expect(await status("/status")).toBe(404);
    expect(await status("/redirect")).toBe(302);
    expect((await visitor.get("/file")).status).toBe(200);
    expect(await status("/throw")).toBe(418);
    const [id] = await bench.ids();
    expect(await bench.stored(id!)).toMatchObject({ views: 8 });
  });
});

interface OpenAnswer {
  answer: IncomingMessage;
  /** What has come so far. */
  received: () => string;
  /** All of it, at the end. */
  text: Promise<string>;
}

/** A request whose answer can be watched while it comes. */
function open(site: Site, path = "/", cookies = ""): Promise<OpenAnswer> {
  return new Promise((resolve, reject) => {
    const headers = cookies ? { Cookie: cookies } : {};
    const outgoing = httpRequest(site.url + path, { headers, agent: false }, (answer) => {
      let all = "";
      answer.setEncoding("utf8").on("data", (part) => (all += part));
      const text = new Promise<string>((done) => answer.on("end", () => done(all)));
      resolve({ answer, received: () => all, text });
    });
    outgoing.on("error", reject).end();
  });
}
