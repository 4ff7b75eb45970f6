/** Every way in which Express 5 answers looks the same with sessions as without, and becomes the error when a save fails. */
import compression from "compression";
import type { Express, Request, Response } from "express";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { useBench, type Routes } from "./answer-bench.js";
import type { RawAnswer, RawRequest } from "./raw-exchange.js";

const bench = useBench();
const folder = mkdtempSync(join(tmpdir(), "holdfast-answers-"));
afterAll(() => rmSync(folder, { recursive: true }));
const letters = "abcdefghijklmnopqrstuvwxyz";
const file = join(folder, "letters.txt");
writeFileSync(file, letters);
const bigFile = join(folder, "big.txt");
const bigText = "0123456789abcdef\n".repeat(60_000);
writeFileSync(bigFile, bigText);

interface Shape {
  routes: Routes;
  request?: RawRequest;
  expected: { status?: number; body?: string; headers?: Record<string, unknown>; notes?: string[] };
  /** The app's error handling made this answer and has been passed, so Express' own answers when the save fails. */
  isPastErrorHandling?: boolean;
}

/** One route, `/`. */
const at =
  (answer: (res: Response, req: Request) => unknown): Routes =>
  (app) =>
    void app.use(async (req, res) => {
      await answer(res, req);
    });
const asking = (headers: Record<string, string>): RawRequest => ({ headers });

const shapes: Record<string, Shape> = {
  "send(text)": {
    routes: at((res) => res.send("<p>grüße</p>")),
    expected: { status: 200, headers: { "content-type": "text/html; charset=utf-8", etag: expect.any(String) } },
  },
  "send(bytes)": {
    routes: at((res) => res.send(Buffer.from("bytes"))),
    expected: { body: "bytes", headers: { "content-type": "application/octet-stream" } },
  },
  json: { routes: at((res) => res.status(201).json({ a: [1] })), expected: { status: 201, body: '{"a":[1]}' } },
  jsonp: { routes: at((res) => res.jsonp({ a: 1 })), expected: { body: '{"a":1}' } },
  "a redirect": {
    routes: at((res) => res.redirect(303, "/next")),
    expected: { status: 303, headers: { location: "/next" } },
  },
  sendStatus: { routes: at((res) => res.sendStatus(404)), expected: { status: 404, body: "Not Found" } },
  "no route at all": { routes: () => {}, expected: { status: 404 }, isPastErrorHandling: true },
  "a handler that throws": {
    routes: at(() => Promise.reject(Object.assign(new Error("no tea"), { status: 418 }))),
    expected: { status: 418, body: "no tea" },
    isPastErrorHandling: true,
  },
  format: {
    routes: at((res) => res.format({ json: () => res.json(1), text: () => res.send("text") })),
    request: asking({ Accept: "text/plain" }),
    expected: { body: "text", headers: { vary: "Accept" } },
  },
  "cookies of the app": {
    routes: at((res) => res.cookie("a", "1").cookie("b", "2").send("ok")),
    expected: { body: "ok" },
  },
  "a HEAD request": {
    routes: at((res) => res.send("hello")),
    request: { method: "HEAD" },
    expected: { status: 200, body: "", headers: { "content-length": "5" } },
  },
  "204": { routes: at((res) => res.status(204).send("dropped by Express")), expected: { status: 204, body: "" } },
  "a conditional GET that matches": {
    routes: at((res) => res.set("ETag", '"1"').send("hello")),
    request: asking({ "If-None-Match": '"1"' }),
    expected: { status: 304, body: "", headers: { etag: '"1"' } },
  },
  "a conditional GET that does not match": {
    routes: at((res) => res.set("ETag", '"2"').send("hello")),
    request: asking({ "If-None-Match": '"1"' }),
    expected: { status: 200, body: "hello", headers: { etag: '"2"' } },
  },
  "a conditional GET by date": {
    routes: at((res) => res.sendFile(file)),
    request: asking({ "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT" }),
    expected: { status: 304, body: "" },
  },
  sendFile: {
    routes: at((res) => res.sendFile(file)),
    expected: { status: 200, body: letters, headers: { "content-length": "26", "accept-ranges": "bytes" } },
  },
  "sendFile of a megabyte": { routes: at((res) => res.sendFile(bigFile)), expected: { body: bigText } },
  "sendFile for a HEAD request": {
    routes: at((res) => res.sendFile(file)),
    request: { method: "HEAD" },
    expected: { status: 200, body: "", headers: { "content-length": "26" } },
  },
  "sendFile with its callback": {
    routes: (app, { note }) => void app.use((_req, res) => res.sendFile(file, (error) => note(`sent ${error}`))),
    expected: { body: letters, notes: ["sent undefined", "finish", "close"] },
  },
  "a range": {
    routes: at((res) => res.sendFile(file)),
    request: asking({ Range: "bytes=2-4" }),
    expected: { status: 206, body: "cde", headers: { "content-range": "bytes 2-4/26" } },
  },
  "the last bytes": {
    routes: at((res) => res.sendFile(file)),
    request: asking({ Range: "bytes=-3" }),
    expected: { status: 206, body: "xyz" },
  },
  "several ranges": {
    routes: at((res) => res.sendFile(file)),
    request: asking({ Range: "bytes=0-1,4-5" }),
    expected: { status: 200, body: letters },
  },
  "a range that If-Range refuses": {
    routes: at((res) => res.sendFile(file)),
    request: asking({ Range: "bytes=2-4", "If-Range": '"other"' }),
    expected: { status: 200, body: letters },
  },
  "a range outside the file": {
    routes: at((res) => res.sendFile(file)),
    request: asking({ Range: "bytes=99-" }),
    expected: { status: 416 },
    isPastErrorHandling: true,
  },
  download: {
    routes: at((res) => res.download(file, "abc.txt")),
    expected: { body: letters, headers: { "content-disposition": "attachment; filename=abc.txt" } },
  },
  "a file that is not there": {
    routes: at((res) => res.sendFile(join(folder, "none"))),
    expected: { status: 404 },
    isPastErrorHandling: true,
  },
};

describe.each(Object.entries(shapes))("%s", (_name, { routes, request, expected, isPastErrorHandling }) => {
  const { notes, body, ...head } = expected;

  it("looks the same without sessions, with one that is read, and with one that changes", async () => {
    const { answer, notes: seen } = await bench.sameForAll(
      (usage, tools) => bench.express(routes, usage, tools),
      request,
    );
    expect(answer).toMatchObject(head);
    if (body !== undefined) expect(answer.body === body).toBe(true);
    if (notes) expect(seen).toEqual(notes);
  });

  it("becomes the error when the save fails", async () => {
    const { notes: seen } = await bench.failsInstead(
      (tools) => bench.express(routes, "changes", tools),
      request,
      isPastErrorHandling ? "Express" : "the app",
    );
    expect(seen.filter((note) => note === "finish" || note === "close")).toEqual(["finish", "close"]);
  });
});

describe("compression", () => {
  const wordy = "all work and no play ".repeat(400);
  const compressed: Record<string, Routes> = {
    send: at((res) => res.send(wordy)),
    json: at((res) => res.json({ wordy })),
    "a text too short for it": at((res) => res.send("short")),
    "a redirect": at((res) => res.redirect("/next")),
    sendFile: at((res) => res.sendFile(bigFile)),
    "flushHeaders, then a text, as Next.js does": at((res) => {
      res.type("text").flushHeaders();
      res.write(wordy);
      res.end("end");
    }),
    "a stream in a pipeline": at((res) => pipeline(Readable.from(Array(50).fill(wordy)), res.type("text"))),
    "a stream of small pieces in a pipeline": at((res) => pipeline(Readable.from(["one", "two"]), res.type("text"))),
    "an async generator in a pipeline": at((res) =>
      pipeline(async function* () {
        for (const piece of ["one", "two", wordy]) yield piece;
      }, res.type("text")),
    ),
    "a piped stream": at((res) => {
      const source = new PassThrough();
      source.pipe(res.type("text"));
      source.write("one ");
      setImmediate(() => source.end("two"));
    }),
    "a loop that waits for drain": at(async (res) => {
      res.type("text");
      for (const piece of ["one", "two", "three"]) {
        if (!res.write(piece)) await new Promise((resolve) => res.once("drain", resolve));
      }
      res.end();
    }),
    "pieces that are flushed": at((res) => {
      res.type("text").write("one ");
      res.flush();
      res.end("two");
    }),
  };
  const places = {
    before: (routes: Routes): [Routes, (app: Express) => void] => [routes, (app) => void app.use(compression())],
    after: (routes: Routes): [Routes, undefined] => [
      (app, tools) => {
        app.use(compression());
        routes(app, tools);
      },
      undefined,
    ],
  };

  describe.each(["before", "after"] as const)("mounted %s the session", (place) => {
    describe.each(["gzip", "br"])("with %s", (encoding) => {
      const request = asking({ "Accept-Encoding": encoding });

      it.each(Object.entries(compressed))("%s looks the same in all three cases", async (name, given) => {
        const [routes, before] = places[place](given);
        const { answer } = await bench.sameForAll(
          (usage, tools) => bench.express(routes, usage, tools, before),
          request,
          unpack, // compressed in other threads: where the chunks end is chance
        );
        if (name === "send") expect(answer.body).toBe(wordy);
        if (name.includes("short") || name.includes("redirect")) return;
        expect(answer.headers["content-encoding"]).toBe(encoding);
      });

      it.each(Object.entries(compressed))("%s becomes the error when the save fails", async (_, given) => {
        const [routes, before] = places[place](given);
        const { notes } = await bench.failsInstead((tools) => bench.express(routes, "changes", tools, before), request);
        expect(notes).toEqual(["finish", "close"]);
      });
    });
  });
});

function unpack(answer: RawAnswer): RawAnswer {
  const bytes = Buffer.from(answer.body, "latin1");
  const encoding = answer.headers["content-encoding"];
  if (!encoding) return answer;
  return { ...answer, body: (encoding === "br" ? brotliDecompressSync(bytes) : gunzipSync(bytes)).toString() };
}
