/** The answer: whatever way a handler writes it, it arrives whole and unchanged, and the session is stored. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { useBench } from "./support/bench.js";
import { candidates } from "./support/middlewares.js";
import type { Handler, SessionRequest } from "./support/site.js";

const bench = useBench();

const change = (req: SessionRequest) => void (req.session.views = (req.session.views ?? 0) + 1);
const big = "0123456789abcdef".repeat(65_536);

/** Each way to write an answer, with what arrives. */
const answers: Record<string, { write: Handler; status?: number; body?: string; headers?: Record<string, string> }> = {
  "end()": { write: (_, res) => res.end(), body: "" },
  "end(undefined)": { write: (_, res) => res.end(undefined), body: "" },
  "end(null)": { write: (_, res) => res.end(null), body: "" },
  "end('')": { write: (_, res) => res.end(""), body: "" },
  "end(text)": { write: (_, res) => res.end("grüße"), body: "grüße" },
  "end(text, encoding)": { write: (_, res) => res.end("Z3LDvMOfZQ==", "base64"), body: "grüße" },
  "end(bytes)": { write: (_, res) => res.end(Buffer.from("grüße")), body: "grüße" },
  "write, then end()": { write: (_, res) => void (res.write("hello, "), res.end()), body: "hello, " },
  "write, then end(text)": { write: (_, res) => void (res.write("hello, "), res.end("world")), body: "hello, world" },
  "write, then end(null)": { write: (_, res) => void (res.write("hello"), res.end(null)), body: "hello" },
  "write bytes and text": {
    write: (_, res) => void (res.write(Buffer.from("a")), res.write("Yg==", "base64"), res.end(Buffer.from("c"))),
    body: "abc",
  },
  "end(text) with Content-Length": {
    write: (_, res) => void (res.setHeader("Content-Length", 7), res.end("grüße")),
    body: "grüße",
    headers: { "content-length": "7" },
  },
  "end(bytes) with Content-Length as text": {
    write: (_, res) => void (res.setHeader("Content-Length", "1"), res.end(Buffer.from("x"))),
    body: "x",
    headers: { "content-length": "1" },
  },
  "end(base64) with Content-Length": {
    write: (_, res) => void (res.setHeader("Content-Length", 7), res.end("Z3LDvMOfZQ==", "base64")),
    body: "grüße",
  },
  "Content-Length: 0": {
    write: (_, res) => void (res.setHeader("Content-Length", "0"), res.end()),
    body: "",
    headers: { "content-length": "0" },
  },
  "write and end with Content-Length": {
    write: (_, res) => void (res.setHeader("Content-Length", "12"), res.write("hello, "), res.end("world")),
    body: "hello, world",
    headers: { "content-length": "12" },
  },
  "writeHead and end": {
    write: (_, res) => void res.writeHead(201, { "X-Made": "yes", "Content-Length": 4 }).end("made"),
    status: 201,
    body: "made",
    headers: { "x-made": "yes", "content-length": "4" },
  },
  "writeHead with a message": {
    write: (_, res) => void res.writeHead(404, "Not Here", { "X-Why": "gone" }).end("nothing"),
    status: 404,
    body: "nothing",
    headers: { "x-why": "gone" },
  },
  "flushHeaders, then end": { write: (_, res) => void (res.flushHeaders(), res.end("late")), body: "late" },
  "204 without a body": { write: (_, res) => void res.writeHead(204).end(), status: 204, body: "" },
  "304 without a body": {
    write: (_, res) => void res.writeHead(304, { ETag: '"1"' }).end(),
    status: 304,
    body: "",
    headers: { etag: '"1"' },
  },
  "a redirect": {
    write: (_, res) => void res.writeHead(303, { Location: "/next" }).end(),
    status: 303,
    headers: { location: "/next" },
  },
  "a stream that is piped": { write: (_, res) => void Readable.from([big, "end"]).pipe(res), body: `${big}end` },
  "a stream in a pipeline": { write: (_, res) => pipeline(Readable.from([big, "end"]), res), body: `${big}end` },
  "end in the callback of write": {
    write: (_, res) => void res.write("hello, ", () => res.end("world")),
    body: "hello, world",
  },
  "writes that are corked": {
    write: (_, res) => void (res.cork(), res.write("a"), res.write("b"), res.uncork(), res.end("c")),
    body: "abc",
  },
  "a megabyte at once": { write: (_, res) => void res.end(big), body: big },
  "a megabyte with Content-Length": {
    write: (_, res) => void (res.setHeader("Content-Length", big.length), res.end(big)),
    body: big,
  },
};

describe.each(candidates)("the answer behind $name", (candidate) => {
  describe.each(Object.entries(answers))("%s", (_, { write, status = 200, body, headers = {} }) => {
    it("arrives for a session that is new, that changes, that is only read, and that is not used", async () => {
      const site = await bench.site(candidate, {}, async (req, res) => {
        if (req.headers["x-change"]) change(req);
        if (req.headers["x-read"]) void req.session.views;
        return write(req, res);
      });
      const visitor = site.visitor();
      const kinds = [{ "X-Change": "1" }, { "X-Change": "1" }, { "X-Read": "1" }, {}] as Record<string, string>[];
      for (const kind of kinds) {
        const answer = await visitor.get("/", kind);
        expect(answer.status).toBe(status);
        if (body !== undefined) expect(answer.text === body || { received: answer.text.slice(0, 100) }).toBe(true);
        expect(answer.headers).toMatchObject(headers);
      }
      expect(site.errors).toEqual([]);
      const [id] = await bench.ids();
      expect(await bench.stored(id!)).toMatchObject({ views: 2 });
    });
  });
});
