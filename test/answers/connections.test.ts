/** What lies around an answer: connections that are kept, requests in a row, visitors who leave, other protocols. */
import { once } from "node:events";
import { connect, createServer as createHttp2Server } from "node:http2";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { redisSession } from "holdfast";
import { openTlsSite } from "../parity/support/tls-site.js";
import { startProxy } from "../support/servers/proxy.js";
import { secret, useBench, usages, type AnyRequest, type Usage } from "./answer-bench.js";
import { exchange, openWire, parseAnswer, requestText, withoutDateAndCookie } from "./raw-exchange.js";

const bench = useBench();
const silent = { note: () => {} };

describe("on one connection", () => {
  it("requests sent in one go are answered in their order, the same in all three cases", async () => {
    const cookie = await bench.cookie();
    const seen: string[] = [];
    for (const usage of usages) {
      const port = await bench.listen(
        bench.bare(
          async (req, res) => {
            if (req.url === "/0") for (let i = 0; i < 5; i++) await turn(); // the first is not the fastest
            if (req.url === "/1") res.writeHead(302, { Location: "/next" });
            if (req.url === "/2") res.write("two ");
            res.end(`answer ${req.url}`);
          },
          usage,
          silent,
        ),
      );
      const wire = await openWire(port);
      const requests = [0, 1, 2, 3, 4].map((n) => requestText({ path: `/${n}`, headers: { Cookie: cookie } }));
      wire.send(requests.join(""));
      seen.push(withoutDateAndCookie(await wire.until((text) => text.includes("answer /4"))));
      wire.socket.destroy();
    }
    expect([...seen[0]!.matchAll(/answer (\/\d)/g)].map(([, path]) => path)).toEqual(["/0", "/1", "/2", "/3", "/4"]);
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).toBe(seen[0]);
  });

  it("an error in place of an answer leaves the connection usable", async () => {
    const cookie = await bench.cookie();
    const port = await bench.listen(
      bench.bare((req, res) => (res.write("x".repeat(100_000)), res.end(req.url)), "changes", silent),
    );
    const wire = await openWire(port);
    await bench.refuseWrites();
    wire.send(requestText({ path: "/1", headers: { Cookie: cookie } }));
    const failed = await wire.until((text) => text.endsWith("0\r\n\r\n"));
    expect(parseAnswer(failed)).toMatchObject({ status: 503, body: "SESSION_STORE_UNAVAILABLE" });
    await bench.allowWrites();
    wire.send(requestText({ path: "/2", headers: { Cookie: cookie } }));
    const both = await wire.until((text) => text.length > failed.length && text.endsWith("0\r\n\r\n"));
    expect(parseAnswer(both.slice(failed.length)).body).toBe(`${"x".repeat(100_000)}/2`);
    wire.socket.destroy();
  });
});

describe("Expect: 100-continue", () => {
  it.each(usages)("is answered before the body is sent, with a session: %s", async (usage) => {
    const cookie = await bench.cookie();
    const port = await bench.listen(
      bench.bare(
        async (req, res) => {
          let body = "";
          for await (const piece of req) body += piece;
          res.end(`got ${body}`);
        },
        usage,
        silent,
      ),
    );
    const wire = await openWire(port);
    wire.send(
      requestText({ method: "POST", headers: { Cookie: cookie, Expect: "100-continue", "Content-Length": "4" } }),
    );
    expect(await wire.until((text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\n/);
    wire.send("body");
    expect(await wire.until((text) => text.includes("got "))).toContain("got body");
    wire.socket.destroy();
  });
});

describe("a visitor who hangs up", () => {
  it.each(["before the answer", "while the answer waits"])(
    "%s: the change is saved, and the end comes once",
    async (when) => {
      const proxy = await startProxy(bench.redis.port, 30);
      const slow = redisSession({ url: `redis://127.0.0.1:${proxy.port}`, secret });
      await slow.ready();
      const cookie = await bench.cookie();
      const notes: string[] = [];
      let arrived!: () => void;
      const arrival = new Promise<void>((resolve) => (arrived = resolve));
      let left!: () => void;
      const departure = new Promise<void>((resolve) => (left = resolve));
      const listener = bench.bare(
        async (req, res) => {
          res.on("finish", () => notes.push("finish")).on("error", () => notes.push("error"));
          res.on("close", () => (notes.push("close"), left()));
          req.session.told = when;
          if (when === "before the answer") {
            arrived();
            await departure;
            res.end("hello");
          } else {
            res.end("hello");
            arrived();
          }
        },
        "changes",
        silent,
        slow,
      );
      const wire = await openWire(await bench.listen(listener));
      wire.send(requestText({ headers: { Cookie: cookie } }));
      await arrival;
      wire.socket.destroy();
      await departure;
      const read = await bench.listen(bench.bare((req, res) => res.end(String(req.session.told)), "reads", silent));
      await expect.poll(async () => parseAnswer(await exchange(read, { headers: { Cookie: cookie } })).body).toBe(when);
      await slow.close();
      await proxy.close();
      expect(notes.filter((note) => note === "close")).toEqual(["close"]);
      expect(notes).not.toContain("error");
      expect(bench.errors).toEqual([]);
    },
  );
});

describe("HTTPS", () => {
  it("the answer waits and carries a secure cookie", async () => {
    const site = await openTlsSite(bench.sessions, (req, res) => {
      req.session["n"] = 1;
      res.writeHead(201, { "X-One": "1" });
      res.write("hello ");
      res.end("world");
    });
    const [line] = await site.cookies();
    expect(line).toContain("; Secure");
    await site.close();
  });
});

describe("HTTP/2, by node:http2's compatibility layer", () => {
  async function visit(usage: Usage, answer: (req: AnyRequest, res: any) => unknown, cookie: string) {
    const server = createHttp2Server(bench.bare(answer as never, usage, silent) as never);
    const port = await bench.keep(Object.assign(server, { closeAllConnections: () => {} }) as never);
    const client = connect(`http://127.0.0.1:${port}`);
    const stream = client.request({ ":path": "/", cookie });
    let body = "";
    stream.setEncoding("utf8").on("data", (piece) => (body += piece));
    const ended = once(stream, "end");
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    await ended;
    const closed = once(client, "close");
    client.close();
    await closed;
    const { date: _date, "set-cookie": _cookie, ...others } = headers;
    return { headers: { ...others }, body };
  }

  const answers: Record<string, (req: AnyRequest, res: any) => unknown> = {
    "end(text)": (_, res) => res.end("hello"),
    "write and end": (_, res) => (res.write("hello "), res.end("world")),
    "writeHead with headers": (_, res) => res.writeHead(201, { "x-one": "1", etag: '"1"' }).end("made"),
    "a redirect": (_, res) => res.writeHead(303, { location: "/next" }).end(),
    "204": (_, res) => res.writeHead(204).end(),
    "a stream": async (_, res) => {
      for (let i = 0; i < 10; i++) {
        if (!res.write("x".repeat(20_000))) await once(res, "drain");
      }
      res.end();
    },
  };

  it.each(Object.entries(answers))("%s looks the same in all three cases, without warnings", async (_name, answer) => {
    const warnings: string[] = [];
    const warn = (warning: Error) => void warnings.push(warning.name);
    process.on("warning", warn);
    const cookie = await bench.cookie();
    const none = await visit("none", answer, cookie);
    expect(await visit("reads", answer, cookie)).toEqual(none);
    expect(await visit("changes", answer, cookie)).toEqual(none);
    await turn();
    process.off("warning", warn);
    expect(warnings).not.toContain("UnsupportedWarning");
    expect(bench.errors).toEqual([]);
  });

  it.each(Object.entries(answers))("%s becomes the error when the save fails", async (_name, answer) => {
    const cookie = await bench.cookie();
    await bench.refuseWrites();
    const { headers, body } = await visit("changes", answer, cookie);
    expect(body).toBe("SESSION_STORE_UNAVAILABLE");
    expect(headers[":status"]).toBe(503);
    expect(headers).not.toHaveProperty("location");
    expect(headers).not.toHaveProperty("etag");
  });
});
