/** Every way in which bare `http` answers looks the same with sessions as without, and becomes the error when a save fails. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { useBench, type Answer } from "./answer-bench.js";
import type { RawRequest } from "./raw-exchange.js";

const bench = useBench();
const big = "0123456789abcdef".repeat(16_384);

interface Shape {
  answer: Answer;
  request?: RawRequest;
  /** What the client has to see. */
  expected: { status?: number; body?: string; headers?: Record<string, string>; notes?: string[] };
}

const shapes: Record<string, Shape> = {
  "end()": { answer: (_, res) => res.end(), expected: { body: "", headers: { "content-length": "0" } } },
  "end(text)": { answer: (_, res) => res.end("grüße"), expected: { headers: { "content-length": "7" } } },
  "end(text, encoding)": { answer: (_, res) => res.end("aGVsbG8=", "base64"), expected: { body: "hello" } },
  "end(bytes)": { answer: (_, res) => res.end(Buffer.from("hello")), expected: { body: "hello" } },
  "end(callback)": {
    answer: (_, res, { note }) => res.end(() => note("ended")),
    expected: { body: "", notes: ["finish", "ended", "close"] },
  },
  "end(text, callback)": {
    answer: (_, res, { note }) => res.end("hello", () => note("ended")),
    expected: { body: "hello", notes: ["finish", "ended", "close"] },
  },
  "end(text, encoding, callback)": {
    answer: (_, res, { note }) => res.end("68656c6c6f", "hex", () => note("ended")),
    expected: { body: "hello", notes: ["finish", "ended", "close"] },
  },
  "write with callbacks": {
    answer: (_, res, { note }) => {
      res.write("one ", () => note("one"));
      res.write("dHdv", "base64", () => note("two"));
      res.end(() => note("ended"));
    },
    expected: { body: "one two", notes: ["one", "two", "finish", "ended", "close"] },
  },
  "writes, each after the callback of the one before": {
    answer: (_, res) => res.write("one ", () => res.write("two ", () => res.end("three"))),
    expected: { body: "one two three" },
  },
  "an empty write in front": {
    answer: (_, res) => (res.write(""), res.end("hello")),
    expected: { body: "hello", headers: { "transfer-encoding": "chunked" } },
  },
  "write and end with Content-Length": {
    answer: (_, res) => (res.setHeader("Content-Length", 11), res.write("hello "), res.end("world")),
    expected: { body: "hello world", headers: { "content-length": "11" } },
  },
  "corked writes": {
    answer: (_, res) => (res.cork(), res.write("a"), res.write("b"), res.uncork(), res.end("c")),
    expected: { body: "abc" },
  },
  "writeHead(status)": { answer: (_, res) => res.writeHead(201).end("made"), expected: { status: 201, body: "made" } },
  "writeHead(status, message)": {
    answer: (_, res) => res.writeHead(404, "Not Here").end(),
    expected: { status: 404 },
  },
  "writeHead(status, headers)": {
    answer: (_, res) => res.writeHead(201, { "X-One": "1", "X-Many": ["a", "b"] }).end("made"),
    expected: { status: 201, headers: { "x-one": "1" } },
  },
  "writeHead(status, message, headers)": {
    answer: (_, res) => res.writeHead(202, "Later", { "X-One": "1", "Content-Length": 5 }).end("later"),
    expected: { status: 202, body: "later", headers: { "x-one": "1", "content-length": "5" } },
  },
  "writeHead with a flat array": {
    answer: (_, res) => res.writeHead(200, ["X-One", "1", "X-Two", "2", "Content-Length", "4"]).end("done"),
    expected: { body: "done", headers: { "x-one": "1", "x-two": "2" } },
  },
  "writeHead with a flat array that names a header twice": {
    answer: (_, res) => res.writeHead(200, ["X-One", "1", "X-One", "2", "Content-Length", "4"]).end("done"),
    expected: { body: "done" },
  },
  "writeHead with an array of pairs": {
    answer: (_, res) =>
      res
        .writeHead(200, [
          ["X-One", "1"],
          ["X-Two", "2"],
        ] as never)
        .end("done"),
    expected: { body: "done", headers: { "x-one": "1", "x-two": "2" } },
  },
  "writeHead with an array of pairs that names a header twice": {
    answer: (_, res) =>
      res
        .writeHead(200, [
          ["Link", "</a>"],
          ["Link", "</b>"],
          ["X-Two", "2"],
        ] as never)
        .end("done"),
    expected: { body: "done" },
  },
  "writeHead over headers that were set": {
    answer: (_, res) => {
      res.setHeader("X-One", "set");
      res.setHeader("X-Two", "set");
      res.writeHead(200, { "X-One": "written" }).end("done");
    },
    expected: { headers: { "x-one": "written", "x-two": "set" } },
  },
  statusMessage: {
    answer: (_, res) => ((res.statusCode = 418), (res.statusMessage = "Teapot"), res.end("short")),
    expected: { status: 418, body: "short" },
  },
  "flushHeaders, then end": { answer: (_, res) => (res.flushHeaders(), res.end("late")), expected: { body: "late" } },
  "flushHeaders after writeHead": {
    answer: (_, res) => (res.writeHead(203), res.flushHeaders(), res.end("late")),
    expected: { status: 203, body: "late" },
  },
  "no Date, no Connection": {
    answer: (_, res) => ((res.sendDate = false), res.removeHeader("Connection"), res.end("bare")),
    expected: { body: "bare" },
  },
  "a HEAD request": {
    request: { method: "HEAD" },
    answer: (_, res) => (res.setHeader("Content-Length", 5), res.end("hello")),
    expected: { body: "", headers: { "content-length": "5" } },
  },
  "204": { answer: (_, res) => res.writeHead(204).end(), expected: { status: 204, body: "" } },
  "304": {
    answer: (_, res) => res.writeHead(304, { ETag: '"1"' }).end(),
    expected: { status: 304, body: "", headers: { etag: '"1"' } },
  },
  "a redirect": {
    answer: (_, res) => res.writeHead(303, { Location: "/next" }).end(),
    expected: { status: 303, headers: { location: "/next" } },
  },
  trailers: {
    answer: (_, res) => {
      res.writeHead(200, { Trailer: "X-Sum" });
      res.write("body");
      res.addTrailers({ "X-Sum": "42" });
      res.end();
    },
    expected: { body: "body", headers: { trailer: "X-Sum" } },
  },
  "early hints": {
    answer: (_, res) =>
      new Promise<void>((resolve) => {
        res.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" }, () => (res.end("page"), resolve()));
      }),
    expected: { body: "page" },
  },
  "writeContinue and writeProcessing by hand": {
    answer: (_, res) => (res.writeContinue(), res.writeProcessing(), res.end("page")),
    expected: { body: "page" },
  },
  "a stream that is piped": {
    answer: (_, res) => Readable.from(["one ", "two"]).pipe(res),
    expected: { body: "one two" },
  },
  "a stream in a pipeline": {
    answer: async (_, res, { note }) => {
      await pipeline(Readable.from([big, big, "end"]), res);
      note("pipeline");
    },
    expected: { body: `${big}${big}end` },
  },
  "an async generator in a pipeline": {
    answer: async (_, res) => {
      await pipeline(async function* () {
        for (let i = 0; i < 20; i++) {
          await turn();
          yield big;
        }
      }, res);
    },
    expected: { body: big.repeat(20) },
  },
  "a loop that waits for drain": {
    answer: async (_, res) => {
      for (let i = 0; i < 20; i++) if (!res.write(big)) await new Promise((resolve) => res.once("drain", resolve));
      res.end();
    },
    expected: { body: big.repeat(20) },
  },
  "a second end without data": {
    answer: (_, res) => (res.end("first"), res.end()),
    expected: { body: "first", notes: ["finish", "close"] },
  },
  "headersSent and writableEnded": {
    answer: (_, res, { note }) => {
      const look = (when: string) => note(`${when}: ${res.headersSent}, ${res.writableEnded}`);
      look("before");
      res.write("a");
      look("after write");
      res.end("b");
      look("after end");
      res.on("finish", () => look("finish"));
    },
    expected: {
      notes: [
        "before: false, false",
        "after write: true, false",
        "after end: true, true",
        "finish",
        "finish: true, true",
        "close",
      ],
    },
  },
};

describe.each(Object.entries(shapes))("%s", (_name, { answer, request, expected: { notes, body, ...head } }) => {
  it("looks the same without sessions, with one that is read, and with one that changes", async () => {
    const outcome = await bench.sameForAll((usage, tools) => bench.bare(answer, usage, tools), request);
    expect(outcome.answer).toMatchObject(head);
    if (body !== undefined) expect(outcome.answer.body === body).toBe(true);
    if (notes) expect(outcome.notes).toEqual(notes);
    expect(bench.errors).toEqual([]);
  });

  it("becomes the error when the save fails", async () => {
    const { notes: seen } = await bench.failsInstead((tools) => bench.bare(answer, "changes", tools), request);
    expect(seen.filter((note) => note === "finish" || note === "close")).toEqual(["finish", "close"]);
    expect(bench.errors[0]).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
  });
});
