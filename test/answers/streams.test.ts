/** Only the head of an answer waits for its save: what is streamed afterwards arrives as it is written. */
import compression from "compression";
import express from "express";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisSession, type RedisSessionMiddleware } from "holdfast";
import { startProxy, type Proxy } from "../support/servers/proxy.js";
import { secret, useBench, usages, type AnyRequest } from "./answer-bench.js";
import { exchange, openWire, parseAnswer, requestText } from "./raw-exchange.js";

const bench = useBench();
/** Milliseconds in each direction, so that a round trip takes twice as long. */
const delay = 60;
let proxy: Proxy;
let slow: RedisSessionMiddleware;
beforeAll(async () => {
  proxy = await startProxy(bench.redis.port, delay);
  slow = redisSession({ url: `redis://127.0.0.1:${proxy.port}`, secret });
  await slow.ready();
});
afterAll(async () => {
  await slow.close();
  await proxy.close();
});

/** The handler of a stream, from outside: the test writes when it wants. */
function remote() {
  let begin!: (res: ServerResponse) => void;
  const begun = new Promise<ServerResponse>((resolve) => (begin = resolve));
  return { begun, answer: (_req: AnyRequest, res: ServerResponse) => begin(res) };
}

describe.each(usages)("server-sent events, with a session: %s", (usage) => {
  it("each arrives as it is written, and the next is written only after it has arrived", async () => {
    const { begun, answer } = remote();
    const cookie = await bench.cookie();
    const port = await bench.listen(bench.bare(answer, usage, { note: () => {} }, slow));
    const wire = await openWire(port);
    wire.send(requestText({ headers: { Cookie: cookie, Accept: "text/event-stream" } }));
    const res = await begun;
    res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    res.flushHeaders();
    await wire.until((text) => text.includes("\r\n\r\n"));
    for (let n = 1; n <= 5; n++) {
      res.write(`data: ${n}\n\n`);
      await wire.until((text) => text.includes(`data: ${n}\n`));
    }
    const closed = once(res, "close");
    wire.socket.destroy();
    await closed;
    expect(res.writableFinished).toBe(false);
    res.write("data: nobody\n\n"); // no error, no crash
    res.end();
  });

  it.each(["before", "after"])("through compression %s the session, flushed after each event", async (place) => {
    const { begun, answer } = remote();
    const cookie = await bench.cookie();
    const layers =
      place === "before" ? [compression(), bench.use(usage, slow)] : [bench.use(usage, slow), compression()];
    const app = express().use(...layers);
    app.get("/", (req, res) => answer(req as never, res));
    const wire = await openWire(await bench.listen(app));
    const unpacked = unpackAsItComes(wire.socket);
    wire.send(requestText({ headers: { Cookie: cookie, "Accept-Encoding": "gzip" } }));
    const res = (await begun) as ServerResponse & { flush(): void };
    res.setHeader("Content-Type", "text/event-stream");
    for (let n = 1; n <= 3; n++) {
      res.write(`data: ${n}\n\n`);
      res.flush();
      await unpacked.until(`data: ${n}\n\n`);
    }
    res.end();
    await unpacked.ended;
  });
});

it("the head waits for a slow save, and the chunks after it wait for nothing", async () => {
  const { begun, answer } = remote();
  const cookie = await bench.cookie();
  const port = await bench.listen(bench.bare(answer, "changes", { note: () => {} }, slow));
  const wire = await openWire(port);
  wire.send(requestText({ headers: { Cookie: cookie } }));
  const res = await begun;
  proxy.flights = 0;
  const asked = performance.now();
  res.write("one ");
  expect(wire.received).toBe("");
  await wire.until((text) => text.includes("one "));
  const headTook = performance.now() - asked;
  const took: number[] = [];
  for (const word of ["two ", "three ", "four "]) {
    const before = performance.now();
    res.write(word);
    await wire.until((text) => text.includes(word));
    took.push(performance.now() - before);
  }
  expect(proxy.flights).toBe(1);
  expect(headTook).toBeGreaterThanOrEqual(2 * delay - 2);
  expect(Math.min(...took)).toBeLessThan(delay);
  res.end();
  await wire.until((text) => text.endsWith("0\r\n\r\n"));
  console.log(`head after ${headTook.toFixed()} ms, chunks after ${took.map((ms) => ms.toFixed(1)).join(", ")} ms`);
});

it("a redirect never overtakes its save, also when Redis is slow: the next page sees what was written, 20 times", async () => {
  const port = await bench.listen((req, res) => {
    // The save goes through the proxy, the next page reads past it: it would win any race.
    const sessions = req.url === "/next" ? bench.sessions : slow;
    sessions(req, res, (error) => {
      if (error) return void res.writeHead(500).end(String(error));
      const { session } = req as AnyRequest;
      if (req.url === "/next") return void res.end(String(session.token));
      session.token = req.url!.slice(1);
      res.writeHead(302, { Location: "/next" }).end();
    });
  });
  const cookie = await bench.cookie();
  const go = async (n: number) => {
    const path = parseAnswer(await exchange(port, { path: `/${n}`, headers: { Cookie: cookie } })).headers["location"]!;
    return parseAnswer(await exchange(port, { path, headers: { Cookie: cookie } })).body;
  };
  for (let n = 0; n < 20; n++) expect(await go(n)).toBe(String(n));
});

describe("a stream that breaks half-way", () => {
  it.each(usages)("is cut off, and its source is told, with a session: %s", async (usage) => {
    const cookie = await bench.cookie();
    const wrong: unknown[] = [];
    const sources: Readable[] = [];
    const port = await bench.listen(
      bench.bare(
        async (_req, res) => {
          const source = Readable.from(
            (async function* () {
              yield "one ";
              await once(res, "drained by the test");
              throw new Error("the disk is gone");
            })(),
          );
          sources.push(source);
          const done = pipeline(source, res).catch((error) => wrong.push(error.message));
          void wire.until((text) => text.includes("one ")).then(() => res.emit("drained by the test"));
          await done;
        },
        usage,
        { note: () => {} },
      ),
    );
    const wire = await openWire(port);
    wire.send(requestText({ headers: { Cookie: cookie } }));
    const bytes = await wire.all;
    expect(bytes).toContain("one ");
    expect(bytes).not.toContain("0\r\n\r\n");
    expect(wrong).toEqual(["the disk is gone"]);
    expect(sources[0]!.destroyed).toBe(true);
  });

  it("lets go of its source when the save fails", async () => {
    const cookie = await bench.cookie();
    const source = new PassThrough();
    const port = await bench.listen(
      bench.bare((_req, res) => pipeline(source, res).catch(() => {}), "changes", { note: () => {} }),
    );
    source.write("one ");
    await bench.refuseWrites();
    const answer = parseAnswer(await exchange(port, { headers: { Cookie: cookie } }));
    expect(answer).toMatchObject({ status: 503, body: "SESSION_STORE_UNAVAILABLE" });
    await expect.poll(() => source.destroyed).toBe(true);
  });
});

it("a stream whose visitor reads slowly is held back by back-pressure and not kept in memory", async () => {
  const piece = "x".repeat(65_536);
  const cookie = await bench.cookie();
  for (const usage of usages) {
    let written = 0;
    let finished = false;
    const port = await bench.listen(
      bench.bare(
        async (_req, res) => {
          await pipeline(async function* () {
            for (let n = 0; n < 400; n++) {
              written += piece.length;
              yield piece;
            }
          }, res);
          finished = true;
        },
        usage,
        { note: () => {} },
      ),
    );
    const wire = await openWire(port);
    wire.send(requestText({ headers: { Cookie: cookie, Connection: "close" } }));
    await wire.until((text) => text.length > 0);
    wire.socket.pause();
    let before = -1;
    await expect
      .poll(() => {
        const stands = before === written;
        before = written;
        return stands;
      })
      .toBe(true);
    expect(finished).toBe(false);
    expect(written).toBeLessThan(400 * piece.length);
    wire.socket.resume();
    expect(parseAnswer(await wire.all).body.length).toBe(400 * piece.length);
    expect(finished).toBe(true);
  }
});

/** Unpacks a chunked gzip answer while it comes. */
function unpackAsItComes(socket: Socket) {
  const unzip = createGunzip();
  let packed = Buffer.alloc(0);
  let headIsOver = false;
  let text = "";
  const look = new Set<() => void>();
  socket.on("data", (bytes: Buffer) => {
    packed = Buffer.concat([packed, bytes]);
    if (!headIsOver) {
      const end = packed.indexOf("\r\n\r\n");
      if (end < 0) return;
      headIsOver = true;
      packed = packed.subarray(end + 4);
    }
    for (let end = packed.indexOf("\r\n"); end > 0; end = packed.indexOf("\r\n")) {
      const size = Number.parseInt(packed.subarray(0, end).toString(), 16);
      if (packed.length < end + size + 4) return;
      if (size === 0) return void unzip.end();
      unzip.write(packed.subarray(end + 2, end + 2 + size));
      packed = packed.subarray(end + size + 4);
    }
  });
  unzip.on("data", (piece: Buffer) => {
    text += piece.toString();
    for (const watcher of look) watcher();
  });
  return {
    ended: once(unzip, "end"),
    until: (end: string) =>
      new Promise<void>((resolve) => {
        const watcher = () => text.endsWith(end) && (look.delete(watcher), resolve());
        look.add(watcher);
        watcher();
      }),
  };
}
