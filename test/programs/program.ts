/**
 * Programs: sequences of requests whose handlers do something random, but well-defined, with their session. The same
 * program runs on express-session with its MemoryStore, which is the model, and on `redisSession()`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session } from "express-session";
import fc from "fast-check";

/** What one line of a handler does with `req.session`. */
type Line =
  | { do: "set"; path: string[]; value: Value }
  | { do: "delete"; path: string[] }
  | { do: "push"; key: string; value: Value }
  | { do: "cut"; key: string; length: number }
  | { do: "count"; key: string }
  | { do: "move"; from: string; to: string }
  | { do: "age"; maxAge: number | null }
  | { do: "flag"; httpOnly: boolean }
  | { do: "save" | "reload" | "touch" | "login" | "logout" | "again" | "null" | "read" };

/** A value by its name, so that a program can be printed. */
type Value = number | string;

export interface Step {
  visitor: number;
  /** Which of the processes that run at this time responds. */
  process: number;
  cookie: "own" | "none" | "forged" | "former" | "twice" | "unsigned";
  method: "GET" | "HEAD" | "POST";
  lines: Line[];
  response: "end" | "json" | "pieces" | "head" | "redirect" | "empty" | "late" | "throws";
}

/** The session options that both have. */
export interface Shared {
  rolling: boolean;
  resave: boolean;
  saveUninitialized: boolean;
  unset: "keep" | "destroy";
  maxAge: number | null;
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  toJSON(): unknown {
    return { cents: this.#cents, of: "money" };
  }
}

/** Made anew at each use, so that the two sides share none. */
const values = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  minusZero: () => -0,
  nan: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  huge: () => 1e21,
  fraction: () => 0.1 + 0.2,
  date: () => new Date(Date.UTC(2026, 1, 3)),
  money: () => new Money(995),
  map: () => new Map([["a", 1]]),
  set: () => new Set([1]),
  function: () => () => 1,
  symbol: () => Symbol("s"),
  buffer: () => Buffer.from("ab"),
  boxed: () => new String("boxed"),
  regexp: () => /a/g,
  error: () => new Error("kept"),
  noPrototype: () => Object.assign(Object.create(null), { a: 1 }),
  getter: () => Object.defineProperty({}, "now", { get: () => 7, enumerable: true }),
  hidden: () => Object.defineProperty({ seen: 1 }, "unseen", { value: 1, enumerable: false }),
  sparse: () => Object.assign([], { 2: "c" }),
  arrayWithName: () => Object.assign([1], { name: "list" }),
  ownProto: () => JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":1}}') as unknown,
  cookieText: () => '{"cookie":{"a":"}"}}',
  nul: () => "a\u0000b",
  half: () => "\ud83d",
  substitute: () => "\ufffd",
  separators: () => "\u2028\u2029",
  packedLooking: () => "~2abcd",
  brackets: () => "[{".repeat(700),
  long: () => "pages and pages ".repeat(300),
  tree: () => ({ a: { b: { c: [1, { d: null }] } }, list: [] }),
  emptyObject: () => ({}),
  emptyList: () => [],
};

const key = fc.constantFrom("a", "b", "cart", "user", "0", "10", "then", "length", "é", "", "a.b");
/** express-session drops such a key of a session itself as it loads it, and takes that for a change. */
const innerKey = fc.oneof(key, fc.constantFrom("__proto__", "toString", "constructor", "cookie", "id"));
const path = fc.tuple(key, fc.array(innerKey, { maxLength: 2 })).map(([first, inner]) => [first, ...inner]);
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...(Object.keys(values) as (keyof typeof values)[])),
  fc.integer({ min: -5, max: 5 }),
);

const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("set" as const), path, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("push" as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), key, length: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("count" as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const), from: key, to: key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("age" as const),
      maxAge: fc.constantFrom(null, 50_000, 5_000_000, 0, -1000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("flag" as const), httpOnly: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("save", "reload", "touch", "login", "logout", "again", "null", "read", "read", "save"),
    }) as fc.Arbitrary<Line>,
  },
);

const step: fc.Arbitrary<Step> = fc.record({
  visitor: fc.integer({ min: 0, max: 1 }),
  process: fc.integer({ min: 0, max: 2 }),
  cookie: fc.oneof(
    { weight: 12, arbitrary: fc.constant("own" as const) },
    { weight: 3, arbitrary: fc.constantFrom("none", "forged", "former", "twice", "unsigned") as fc.Arbitrary<"none"> },
  ),
  method: fc.constantFrom("GET", "GET", "POST", "HEAD"),
  lines: fc.array(line, { maxLength: 6 }),
  response: fc.constantFrom("end", "end", "json", "pieces", "head", "redirect", "empty", "late", "throws"),
});

/**
 * Ours saves a session before the head goes out, express-session when the response ends, if it is still there. And ours
 * sends the cookie along with new settings, which is noticed if the browser had another one.
 */
const alike = step.map((one): Step => {
  const lines =
    one.response === "late" ? one.lines.filter(({ do: it }) => it !== "reload" && it !== "null") : one.lines;
  const cookie = lines.some(({ do: it }) => it === "age" || it === "flag") ? "own" : one.cookie;
  return { ...one, lines, cookie };
});

export const steps = fc.array(alike, { minLength: 2, maxLength: 14 });

export const shared: fc.Arbitrary<Shared> = fc.record({
  rolling: fc.boolean(),
  resave: fc.boolean(),
  saveUninitialized: fc.boolean(),
  unset: fc.constantFrom("keep", "destroy"),
  maxAge: fc.constantFrom(null, 600_000),
});

type AnySession = Session & Record<string, any>;
export type AnyRequest = IncomingMessage & {
  session: AnySession | undefined | null;
  sessionID: string;
  sessionStore: { generate(req: unknown): void };
};

const made = (name: Value): unknown => (typeof name === "string" && name in values ? values[name as "null"]() : name);

/** What a page would see in the session: names and values, in any order. */
function seen(session: AnySession | null | undefined): unknown {
  if (!session) return `${session}`;
  const { cookie, ...rest } = session;
  const { originalMaxAge, httpOnly, path: cookiePath, sameSite } = cookie;
  return { values: JSON.parse(JSON.stringify(rest)) as unknown, originalMaxAge, httpOnly, cookiePath, sameSite };
}

/** Runs a handler, and says what it saw. `marks` numbers what is set beside a cookie's settings, alike on both sides. */
export async function handle(req: AnyRequest, res: ServerResponse, { lines, response }: Step, mark: string) {
  const sights: unknown[] = [seen(req.session)];
  if (response === "late") await new Promise((sent) => res.write("early ", sent));
  for (const one of lines) {
    try {
      sights.push(await perform(req, one, mark));
    } catch (error) {
      sights.push(`${one.do}: ${(error as Error).message}`);
    }
  }
  sights.push(seen(req.session));
  const text = JSON.stringify(sights);
  if (response === "throws") throw new Error("the page failed");
  if (response === "end" || response === "late") res.end(text);
  else if (response === "json") {
    res.setHeader("Content-Type", "application/json");
    res.setHeader("Content-Length", Buffer.byteLength(text));
    res.end(text);
  } else if (response === "pieces") {
    res.write(text.slice(0, 3));
    res.write(text.slice(3));
    res.end();
  } else if (response === "head") res.writeHead(201, { "X-Page": "yes" }).end(text);
  else if (response === "redirect") res.writeHead(303, { Location: "/next" }).end();
  else {
    res.statusCode = 204;
    res.end();
  }
  return sights;
}

/** An object to change something in; what has no place for it is replaced. */
function holder(session: AnySession, path: string[]): Record<string, any> {
  let at: Record<string, any> = session;
  for (const part of path.slice(0, -1)) {
    if (part === "__proto__") return {}; // to assign it would change what the session is
    const next: unknown = Object.hasOwn(at, part) ? at[part] : undefined;
    if (typeof next !== "object" || next === null) at[part] = {};
    at = at[part] as Record<string, any>;
  }
  return at;
}

async function perform(req: AnyRequest, one: Line, mark: string): Promise<unknown> {
  const { session } = req;
  if (!session) {
    if (one.do !== "again") return one.do;
    req.sessionStore.generate(req);
    req.session!["user"] = mark; // one that stays empty is stored by express-session alone
    return one.do;
  }
  const called = (method: "save" | "reload" | "regenerate" | "destroy") =>
    new Promise<string>((resolve) => void session[method]((error?: Error) => resolve(error ? "failed" : "done")));
  switch (one.do) {
    case "set": {
      const last = one.path.at(-1)!;
      if (last !== "__proto__") holder(session, one.path)[last] = made(one.value);
      return;
    }
    case "delete":
      return delete holder(session, one.path)[one.path.at(-1)!];
    case "push": {
      const list: unknown = Object.hasOwn(session, one.key) ? session[one.key] : undefined;
      if (Array.isArray(list)) list.push(made(one.value));
      return;
    }
    case "cut": {
      const list: unknown = Object.hasOwn(session, one.key) ? session[one.key] : undefined;
      if (Array.isArray(list)) list.length = Math.min(list.length, one.length);
      return;
    }
    case "count": {
      const before: unknown = Object.hasOwn(session, one.key) ? session[one.key] : 0;
      return one.key === "__proto__" ? 0 : (session[one.key] = (Number(before) || 0) + 1);
    }
    case "move":
      if (!Object.hasOwn(session, one.from) || one.to === "__proto__") return;
      session[one.to] = session[one.from];
      delete session[one.from];
      return;
    case "age": // express-session saves new settings of a cookie only along with something else
      session["mark"] = mark;
      session.cookie.maxAge = one.maxAge as number;
      return;
    case "flag":
      session["mark"] = mark;
      session.cookie.httpOnly = one.httpOnly;
      return;
    case "save": // an empty one gets its cookie from `redisSession()` alone
      session["mark"] ??= "saved";
      return called("save");
    case "reload":
      return called("reload");
    case "touch":
      session.touch();
      return;
    case "login": {
      const before = req.sessionID;
      const done = await called("regenerate");
      if (req.session) req.session["user"] = mark;
      return [done, before !== req.sessionID];
    }
    case "logout":
      return called("destroy");
    case "null":
      req.session = null;
      return;
    case "again":
    case "read":
      return seen(req.session);
  }
}
