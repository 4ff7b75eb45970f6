/**
 * Whatever `res` and `next` are: every request ends soon, or was never ours to end, and nothing is thrown where nobody
 * can catch it. Each response meets each `next`, while reading and saving work and while they fail.
 */
import { EventEmitter } from "node:events";
import { createServer, ServerResponse, type IncomingMessage } from "node:http";
import { connect, createServer as createHttp2Server, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { Store, type SessionData } from "express-session";
import inject from "light-my-request";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../promises/candidates.js";
import { noteUncaught } from "../support/unhandled.js";

type Next = (error?: unknown) => void;
type Call = (req: IncomingMessage, res: any) => void;

/** A store that fails on demand, at once or a turn later. */
class FaultyStore extends Store {
  readonly sessions = new Map<string, string>();
  failing: "get" | "set" | undefined;

  override get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    setImmediate(() => {
      if (this.failing === "get") return callback(new Error("cannot read"));
      const text = this.sessions.get(sid);
      callback(null, text === undefined ? null : (JSON.parse(text) as SessionData));
    });
  }
  override set(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    setImmediate(() => {
      if (this.failing === "set") return callback?.(new Error("cannot write"));
      this.sessions.set(sid, JSON.stringify(session));
      callback?.();
    });
  }
  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    this.sessions.delete(sid);
    setImmediate(() => callback?.());
  }
}

const store = new FaultyStore();
const sessions = redisSession({ store, secret });
const rejected: unknown[] = [];
const noteRejection = (reason: unknown) => void rejected.push(reason);
let uncaught: ReturnType<typeof noteUncaught>;
beforeAll(() => void process.on("unhandledRejection", noteRejection));
afterAll(() => void process.off("unhandledRejection", noteRejection));
beforeEach(() => void (uncaught = noteUncaught()));
afterEach(() => {
  uncaught.stop();
  store.failing = undefined;
});

/** What the app does once it has its session. */
function answer(req: IncomingMessage, res: ServerResponse): void {
  const { session } = req as unknown as { session?: { n?: number } };
  if (session) session.n = (session.n ?? 0) + 1;
  res.statusCode = 200;
  res.end("done");
}

/** How a `next` takes its calls. `answers`: whether a request with it ends at all when nothing fails. */
const nexts: Record<string, { make: (req: IncomingMessage, res: any) => Next; answers: boolean }> = {
  "answers errors": {
    make: (req, res) => (error) => {
      if (!error) return answer(req, res);
      res.statusCode = 500;
      res.end("sorry");
    },
    answers: true,
  },
  "hears the first call only": {
    make: (req, res) => {
      let isCalled = false;
      return (error) => {
        if (isCalled) return;
        isCalled = true;
        if (error) res.statusCode = 500;
        if (error) res.end("sorry");
        else answer(req, res);
      };
    },
    answers: true,
  },
  "throws when it is called twice": {
    make: (req, res) => {
      let isCalled = false;
      return (error) => {
        if (isCalled) throw new Error("called twice");
        isCalled = true;
        if (error) res.statusCode = 500;
        if (error) res.end("sorry");
        else answer(req, res);
      };
    },
    answers: true,
  },
  "ignores errors": { make: (req, res) => (error) => void (error || answer(req, res)), answers: true },
  "ignores everything": { make: () => () => {}, answers: false },
  "is shared by all": { make: () => shared, answers: false },
};
const shared: Next = () => {};

const faults = { "nothing fails": undefined, "reading fails": "get", "saving fails": "set" } as const;

/** Makes a request with a cookie of a session that exists, and tells how it ended; "open" if it did not. */
type Attempt = (call: Call, cookie: string) => Promise<number | "open" | "broken off">;
const soon = 6000;
const orOpen = (ended: Promise<number | "broken off">) =>
  Promise.race([ended, new Promise<"open">((resolve) => setTimeout(resolve, soon, "open").unref())]);

/** `change` turns Node.js' own response into the one to try. */
const overHttp =
  (change: (res: ServerResponse, req: IncomingMessage) => unknown): Attempt =>
  async (call, cookie) => {
    const server = createServer((req, res) => call(req, change(res, req)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ended = fetch(url, { headers: { cookie } }).then(
      async (response) => {
        await response.text();
        return response.status;
      },
      () => "broken off" as const,
    );
    const outcome = await orOpen(ended);
    server.closeAllConnections();
    server.close();
    return outcome;
  };

const overHttp2: Attempt = async (call, cookie) => {
  const server: Http2Server = createHttp2Server((req, res) => call(req as never, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ended = new Promise<number | "broken off">((resolve) => {
    const stream = client.request({ ":path": "/", cookie });
    let status: number | "broken off" = "broken off";
    stream.on("response", (headers) => (status = headers[":status"]!));
    stream.on("error", () => {});
    stream.on("close", () => resolve(status));
    stream.resume();
  });
  const outcome = await orOpen(ended);
  client.destroy();
  server.close();
  return outcome;
};

const injected: Attempt = (call, cookie) =>
  orOpen(
    inject((req, res) => call(req as unknown as IncomingMessage, res), { url: "/", headers: { cookie } }).then(
      (response) => response.statusCode,
      () => "broken off" as const,
    ),
  );

// prettier-ignore
const members = [
  "writeHead", "write", "end", "setHeader", "getHeader",
  "getHeaderNames", "removeHeader", "flushHeaders", "addTrailers", "appendHeader", "emit", "on", "destroy",
] as const;

/** A response of another make: it has what Node.js' have, but `lack`, and hands everything on to one of them. */
function handMade(res: ServerResponse, lack: string): object {
  const methods = members.map((name) => [
    name,
    (...args: never[]) => (res[name] as (...args: never[]) => unknown)(...args),
  ]);
  const made = Object.fromEntries(methods) as Record<string, unknown>;
  for (const name of ["statusCode", "headersSent", "writableEnded"] as const) {
    Object.defineProperty(made, name, {
      configurable: true,
      enumerable: true,
      get: () => res[name],
      set(value: never) {
        (res as unknown as Record<string, unknown>)[name] = value;
      },
    });
  }
  delete made[lack];
  return made;
}

/** Without `end` nobody could answer. */
const lacking = [...members.filter((name) => name !== "end"), "headersSent", "writableEnded", "nothing"];
const responses: Record<string, Attempt> = {
  "of http": overHttp((res) => res),
  "of http2": overHttp2,
  "of light-my-request": injected,
  "in a Proxy": overHttp(
    (res) =>
      new Proxy(res, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      }),
  ),
  ...Object.fromEntries(
    lacking.map((name) => [`of another make, lacking ${name}`, overHttp((res) => handMade(res, name))]),
  ),
  "whose headersSent cannot be read": overHttp((res) =>
    Object.defineProperty(handMade(res, "nothing"), "headersSent", {
      get() {
        throw new Error("no");
      },
    }),
  ),
  "whose client is gone": overHttp((res, req) => {
    req.socket.destroy();
    return res;
  }),
  "that was destroyed": overHttp((res) => res.destroy()),
  "that was answered": overHttp((res) => res.end("long ago")),
};

/** Nobody could answer on these, with or without sessions. */
const hopeless = /^(whose client is gone|that was destroyed|whose headersSent)/;

interface Outcome {
  /** The response, and the `next`. */
  readonly label: string;
  readonly answers: boolean;
  readonly ended: number | "open" | "broken off";
  readonly calledWith: unknown[];
}

async function run(kind: string, attempt: Attempt, name: string, cookie: string): Promise<Outcome> {
  const { make, answers } = nexts[name]!;
  const calledWith: unknown[] = [];
  const ended = await attempt((req, res) => {
    const next = make(req, res);
    const noted: Next = (error) => {
      calledWith.push(error);
      next(error);
    };
    sessions(req, res, next === shared ? shared : noted);
  }, cookie);
  return { label: `${kind}, ${name}, ${String(calledWith)}`, answers, ended, calledWith };
}

test.each(Object.entries(faults))("every response with every next, while %s", async (_fault, failing) => {
  const cookie = await cookieOfSession();
  store.failing = failing;
  const outcomes = await Promise.all(
    Object.entries(responses).flatMap(([kind, attempt]) =>
      Object.keys(nexts).map((name) => run(kind, attempt, name, cookie)),
    ),
  );
  // A `next` that is called without an error, and does nothing, has taken the request over, and is silent.
  const open = outcomes.filter(({ ended, answers, calledWith }) => ended === "open" && (answers || calledWith[0]));
  expect(open.map(({ label }) => label)).toEqual([]);
  const lies = outcomes.filter(
    ({ ended, label }) => failing && ended === 200 && !label.startsWith("that was answered"),
  );
  expect(lies.map(({ label }) => label)).toEqual([]);
  const works = outcomes.filter(
    ({ ended, answers, label }) => !failing && answers && !hopeless.test(label) && ended !== 200,
  );
  expect(works.map(({ label, ended }) => `${label}: ${ended}`)).toEqual([]);
  expect(uncaught.thrown).toEqual([]);
  expect(rejected).toEqual([]);
});

async function cookieOfSession(): Promise<string> {
  store.failing = undefined;
  const response = await inject(
    (req, res) => sessions(req as never, res as never, () => answer(req as never, res as never)),
    "/",
  );
  return String(response.headers["set-cookie"]).split(";")[0]!;
}

describe("what is no response at all", () => {
  const call = (res: unknown, req = { headers: {}, url: "/" }) =>
    new Promise<any>((resolve) => sessions(req as never, res as never, (error?: unknown) => resolve({ error, req })));

  test.each([{}, new EventEmitter(), Object.freeze({}), Object.create(null) as object])(
    "an object that stands for none, as a WebSocket server has it: %o",
    async (res) => {
      const { error, req } = await call(res);
      expect(error).toBeUndefined();
      const { session } = req as { session: { n?: number; save(callback: (error?: unknown) => void): void } };
      session.n = 1;
      expect(await new Promise((resolve) => session.save(resolve))).toBeUndefined();
    },
  );

  test.each([undefined, null, 5, "res", () => {}])("%o: an error in words", async (res) => {
    expect((await call(res)).error).toMatchObject({ code: "HOLDFAST_CALL_INVALID" });
  });

  test("a response that takes no properties: an error in words", async () => {
    const { error } = await call(Object.freeze(new ServerResponse({ method: "GET" } as IncomingMessage)));
    expect(error).toMatchObject({ code: "HOLDFAST_CALL_INVALID" });
  });

  test.each([[undefined], [null], [{}], [{ headers: null }], [Object.freeze({ headers: {}, url: "/" })]])(
    "a request %o: an error in words",
    async (req) => {
      const error = await new Promise((resolve) => sessions(req as never, {} as never, resolve));
      expect(error).toMatchObject({ code: "HOLDFAST_CALL_INVALID" });
    },
  );

  test.each([undefined, null, "next", {}])("without a next (%o) it throws, in words", (next) => {
    expect(() => sessions({ headers: {}, url: "/" } as never, {} as never, next as never)).toThrow(
      expect.objectContaining({ code: "HOLDFAST_CALL_INVALID" }),
    );
  });

  test("a response that only writes its head and ends is given the cookie, and its end waits for the save", async () => {
    const headers = new Map<string, unknown>();
    const ended = new Promise<unknown>((resolve) => {
      const res = {
        setHeader: (name: string, value: unknown) => void headers.set(name, value),
        getHeader: (name: string) => headers.get(name),
        end: (text: string) => resolve([text, store.sessions.size]),
      };
      const req = { headers: {}, url: "/" };
      store.sessions.clear();
      sessions(req as never, res as never, () => answer(req as never, res as never));
    });
    expect(await ended).toEqual(["done", 1]);
    expect(String(headers.get("Set-Cookie"))).toMatch(/^connect\.sid=/);
  });
});

describe("what the app throws in next() is the app's", () => {
  const thrown = new Error("the app's");
  const fail: Next = () => {
    throw thrown;
  };
  const res = () => new ServerResponse({ method: "GET" } as IncomingMessage);

  test("without a cookie: thrown to whoever called the middleware, as with express-session", () => {
    expect(() => sessions({ headers: {}, url: "/" } as never, res(), fail)).toThrow(thrown);
  });

  test("after the session was read: an uncaught exception, and no unhandled rejection", async () => {
    sessions({ headers: { cookie: await cookieOfSession() }, url: "/" } as never, res(), fail);
    await expect.poll(() => uncaught.thrown).toEqual([thrown]);
    expect(rejected).toEqual([]);
  });

  test("in a callback of save(): the same", async () => {
    const req = { headers: {}, url: "/" } as unknown as IncomingMessage;
    sessions(req as never, res(), () => {
      const { session } = req as unknown as { session: { n: number; save(callback: Next): void } };
      session.n = 1;
      session.save(fail);
    });
    await expect.poll(() => uncaught.thrown).toEqual([thrown]);
    expect(rejected).toEqual([]);
  });

  test("during the first attempt to connect: the same", async () => {
    const connecting = redisSession({ url: "redis://127.0.0.1:1", secret });
    connecting({ headers: {}, url: "/" } as never, res(), fail);
    await expect.poll(() => uncaught.thrown).toEqual([thrown]);
    expect(rejected).toEqual([]);
    await connecting.close();
  });
});
