/* oxlint-disable vitest/no-standalone-expect -- called by tests */
/**
 * The bench for answers: the same handler without sessions, with a session that is only read, with one that changes,
 * and with one whose save Redis refuses. The first three have to look the same on the wire, and in the order of events.
 */
import express, { type Express } from "express";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RedisClientType } from "redis";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { redisSession, type RedisSessionMiddleware } from "holdfast";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { exchange, parseAnswer, withoutDateAndCookie, type RawAnswer, type RawRequest } from "./raw-exchange.js";

export const secret = "a secret for tests, long enough to pass";

/** What a request does with its session before the handler answers; `none`: there is no session middleware. */
export const usages = ["none", "reads", "changes"] as const;
export type Usage = (typeof usages)[number];

export interface AnyRequest extends IncomingMessage {
  session: any;
  sessionID: string;
}

export interface Tools {
  /** Notes an event; the notes of all usages have to be the same, in the same order. */
  note(text: string): void;
}

export type Answer = (req: AnyRequest, res: ServerResponse, tools: Tools) => unknown;
/** Adds routes to an app whose session is there already. */
export type Routes = (app: Express, tools: Tools) => void;

export interface Outcome {
  bytes: string;
  answer: RawAnswer;
  notes: string[];
}

type Next = (error?: unknown) => void;

export class AnswerBench {
  redis!: TestRedis;
  client!: RedisClientType;
  sessions!: RedisSessionMiddleware;
  readonly #servers: Server[] = [];
  /** What was passed on as an error, newest last. */
  readonly errors: any[] = [];

  async open(): Promise<void> {
    this.redis = await startRedis();
    this.client = await this.redis.client();
    this.sessions = redisSession({ client: this.client, secret });
  }

  async clear(): Promise<void> {
    await this.client.configSet("maxmemory", "0");
    this.errors.length = 0;
    for (const server of this.#servers.splice(0)) await closeServer(server);
  }

  /** From now on Redis answers reads and refuses writes. */
  async refuseWrites(): Promise<void> {
    await this.client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });
  }

  async allowWrites(): Promise<void> {
    await this.client.configSet("maxmemory", "0");
  }

  /** The port of a server that runs until the test is over. */
  async listen(listener: RequestListener): Promise<number> {
    return this.keep(createServer(listener));
  }

  async keep(server: Server): Promise<number> {
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  /** The middleware for a usage: what stands in front of the handler. */
  use(usage: Usage, sessions = this.sessions): (req: IncomingMessage, res: ServerResponse, next: Next) => void {
    if (usage === "none") return (_req, _res, next) => next();
    return (req, res, next) =>
      sessions(req, res, (error) => {
        if (error) return next(error);
        const { session } = req as AnyRequest;
        const n = (session.n ?? 0) as number;
        if (usage === "changes") session.n = n + 1;
        next();
      });
  }

  /** A bare http listener. An error is answered in full, whatever was begun before. */
  bare(answer: Answer, usage: Usage, tools: Tools, sessions?: RedisSessionMiddleware): RequestListener {
    const use = this.use(usage, sessions);
    return (req, res) => {
      const fail = (error: any) => {
        this.errors.push(error);
        if (res.headersSent) return void res.destroy();
        res.writeHead(error.status ?? 500, error.headers ?? {}).end(String(error.code ?? error.message));
      };
      use(req, res, (error) => {
        if (error) return fail(error);
        new Promise((resolve) => resolve(answer(req as AnyRequest, res, tools))).catch(fail);
      });
    };
  }

  express(routes: Routes, usage: Usage, tools: Tools, before?: (app: Express) => void): Express {
    const app = express();
    before?.(app);
    app.use(this.use(usage));
    routes(app, tools);
    app.use((error: any, _req: express.Request, res: express.Response, next: express.NextFunction) => {
      this.errors.push(error);
      if (res.headersSent) return next(error);
      res
        .status(error.status ?? 500)
        .set(error.headers ?? {})
        .type("text")
        .send(String(error.code ?? error.message));
    });
    return app;
  }

  /** A cookie of a session that is stored and was refreshed just now. */
  async cookie(): Promise<string> {
    const port = await this.listen(this.bare((_req, res) => res.end(), "changes", { note: () => {} }));
    const answer = parseAnswer(await exchange(port, {}));
    return answer.headers["set-cookie"]!.split(";")[0]!;
  }

  /** Runs one request against the listener that `make` returns. */
  async run(make: (tools: Tools) => RequestListener, request: RawRequest): Promise<Outcome> {
    const notes: string[] = [];
    const listener = make({ note: (text) => void notes.push(text) });
    let closed!: () => void;
    const done = new Promise<void>((resolve) => (closed = resolve));
    const port = await this.listen((req, res) => {
      res.once("finish", () => notes.push("finish"));
      res.once("close", () => (notes.push("close"), closed()));
      listener(req, res);
    });
    const bytes = await exchange(port, request);
    await done;
    return { bytes, answer: parseAnswer(bytes), notes };
  }

  /** The three usages side by side; returns what all of them looked like. */
  async sameForAll(
    make: (usage: Usage, tools: Tools) => RequestListener,
    request: RawRequest = {},
    /** How to look at an answer whose bytes may differ. */
    normal?: (answer: RawAnswer) => RawAnswer,
  ): Promise<Outcome> {
    const cookie = await this.cookie();
    const withCookie = { ...request, headers: { ...request.headers, Cookie: cookie } };
    const outcomes: Outcome[] = [];
    for (const usage of usages) {
      const outcome = await this.run((tools) => make(usage, tools), withCookie);
      outcomes.push(normal ? { ...outcome, answer: normal(outcome.answer) } : outcome);
    }
    const [none, ...others] = outcomes as [Outcome, Outcome, Outcome];
    for (const [index, other] of others.entries()) {
      const usage = `a session that the request ${usages[index + 1]}`;
      if (!normal) expect.soft(withoutDateAndCookie(other.bytes), usage).toBe(withoutDateAndCookie(none.bytes));
      expect.soft(comparable(other.answer), usage).toEqual(comparable(none.answer));
      expect.soft(other.notes, usage).toEqual(none.notes);
    }
    return none;
  }

  /** The same request when Redis refuses the save; the answer has to be the error and nothing else. */
  async failsInstead(
    make: (tools: Tools) => RequestListener,
    request: RawRequest = {},
    answeredBy: "the app" | "Express" = "the app",
  ): Promise<Outcome> {
    const cookie = await this.cookie();
    await this.refuseWrites();
    const outcome = await this.run(make, { ...request, headers: { ...request.headers, Cookie: cookie } });
    await this.allowWrites();
    const { answer } = outcome;
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    for (const name of leftovers) expect.soft(answer.headers[name], name).toBeUndefined();
    expect(answer.statusLine).toBe("HTTP/1.1 503 Service Unavailable");
    if (answeredBy === "Express") return outcome;
    if (request.method !== "HEAD") expect(answer.body).toBe("SESSION_STORE_UNAVAILABLE");
    expect(answer.headers["content-type"] ?? "text/plain; charset=utf-8").toBe("text/plain; charset=utf-8");
    return outcome;
  }
}

/** Headers that would tell something about the answer that was dropped. */
const leftovers = ["location", "last-modified", "content-encoding", "content-range", "content-disposition", "trailer"];

/** All but the date and the session's cookie. */
function comparable({ headers, ...answer }: RawAnswer): object {
  const { date: _date, "set-cookie": _cookie, ...others } = headers;
  return { ...answer, headers: others };
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A bench for a test file. */
export function useBench(): AnswerBench {
  const bench = new AnswerBench();
  beforeAll(() => bench.open());
  afterEach(() => bench.clear());
  afterAll(() => bench.redis.stop());
  return bench;
}
