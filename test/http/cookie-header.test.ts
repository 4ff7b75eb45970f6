/** Holdfast and express-session find the same session in every Cookie header, and in none what they did not sign. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sign } from "cookie-signature";
import fc from "fast-check";
import session, { MemoryStore } from "express-session";
import { expect, test } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../promises/candidates.js";

/** One store for both, with a session for each id that is asked for: what is found is what was asked. */
class AnySession extends MemoryStore {
  override get(sid: string, callback: (error: unknown, session?: session.SessionData | null) => void): void {
    callback(null, { cookie: { originalMaxAge: null }, asked: sid } as unknown as session.SessionData);
  }
}

type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

function found(middleware: Middleware, cookie: string): Promise<string> {
  const req = { headers: { cookie }, url: "/", socket: {} } as unknown as IncomingMessage;
  const res = {} as ServerResponse;
  return new Promise((resolve) =>
    middleware(req, res, (error) => {
      if (error) return resolve("an error");
      const { asked } = (req as unknown as { session: { asked?: string } }).session;
      resolve(asked === undefined ? "none" : `found ${asked}`);
    }),
  );
}

const names = ["connect.sid", "CONNECT.SID", "connect", "a", "__proto__", "constructor", "toString", ""];
const middlewares = new Map(
  ["connect.sid", "a", "shop-1"].map((name) => [
    name,
    {
      ours: redisSession({ store: new AnySession(), secret, name }) as Middleware,
      peers: session({
        store: new AnySession(),
        secret,
        name,
        resave: false,
        saveUninitialized: false,
      }) as unknown as Middleware,
    },
  ]),
);

const id = fc.constantFrom("abc", "a.b", "ä", "with space", "x".repeat(5000), "%41", "", "__proto__", "a;b", '"');
const value = fc.oneof(
  id.map((text) => encodeURIComponent(`s:${sign(text, secret)}`)),
  id.map((text) => `s:${sign(text, secret)}`),
  id.map((text) => `s:${sign(text, `${secret}!`)}`),
  id.map((text) => encodeURIComponent(`s:${sign(text, secret)}`).replace("%3A", "%3a")),
  fc.constantFrom("s:", "s%3A", "%", "%E0%A4%A", "j:{}", "abc", "", "s:.", '"', '""', "é", "\u{1F36A}"),
  fc.string({ maxLength: 12 }),
);
const space = fc.constantFrom("", " ", "\t", "  ", "\u00A0", "\n");
const around = fc.constantFrom(["", ""], ['"', '"'], ['"', ""], ["", '"'], ['""', '""'], ["'", "'"]);
const pair = fc
  .tuple(
    space,
    fc.constantFrom(...names, "shop-1"),
    space,
    fc.constantFrom("=", "=", "=", "==", ""),
    space,
    around,
    value,
    space,
  )
  .map(([a, name, b, equals, c, [open, close], text, d]) => `${a}${name}${b}${equals}${c}${open}${text}${close}${d}`);
const header = fc
  .array(fc.tuple(pair, fc.constantFrom(";", "; ", ";;", ",", " ; ", "&")), { maxLength: 4 })
  .map((pairs) => pairs.map(([text, separator]) => text + separator).join(""));

test("generated headers: quotes, doubles, spaces, separators, percent signs, members of Object.prototype", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(header, fc.constantFrom(...middlewares.keys()), async (cookie, name) => {
      const { ours, peers } = middlewares.get(name)!;
      const theirs = await found(peers, cookie);
      seen.add(theirs.slice(0, 5));
      expect(await found(ours, cookie)).toBe(theirs);
    }),
    { numRuns: 3000 },
  );
  expect([...seen].sort()).toEqual(["found", "none"]); // the headers reach both
});
