/** Under frameworks that are not Express: their `next` is heard once, or belongs to another visitor the second time. */
import { randomBytes } from "node:crypto";
import {
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import middie from "@fastify/middie";
import connect from "connect";
import { Server as EngineServer } from "engine.io";
import express, { type Express, type Request, type Response } from "express";
import session from "express-session";
import fastify from "fastify";
import { createApp, defineEventHandler, fromNodeMiddleware, toNodeListener } from "h3";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import Koa from "koa";
import koaConnect from "koa-connect";
import { RedisStore } from "connect-redis";
import { createClient, type RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HoldfastError, redisSession, type RedisSessionMiddleware } from "holdfast";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled, noteUncaught } from "../support/unhandled.js";

type Sessions = RedisSessionMiddleware;
type WithSession = { session: { n?: number }; url?: string };

const express4 = createRequire(import.meta.url)("express4") as typeof express;

const redis = useRedis();
let client: RedisClientType;
let sessions: Sessions;
const servers: { close(): unknown }[] = [];
expectNothingUnhandled();

beforeAll(async () => {
  client = await redis.client();
  sessions = redisSession({ client, secret, saveUninitialized: true });
});
let uncaught: ReturnType<typeof noteUncaught>;
beforeEach(() => void (uncaught = noteUncaught()));
afterEach(async () => {
  await client.configSet("maxmemory", "0");
  for (const server of servers.splice(0)) await server.close();
  uncaught.stop();
  // oxlint-disable-next-line vitest/no-standalone-expect -- after each test
  expect(uncaught.thrown).toEqual([]);
});

const refuseWrites = () => client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });

/** What every site does: `/count` changes the session, anything else only reads it. */
function page(req: WithSession): string {
  if (req.url === "/count") req.session.n = (req.session.n ?? 0) + 1;
  return String(req.session.n ?? 0);
}

async function serve(server: Server): Promise<string> {
  servers.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const listen = (listener: RequestListener) => serve(createServer(listener));

const onExpress = (make: () => Express) => (sessions: Sessions) => {
  const app = make();
  app.use(sessions, (req: Request, res: Response) => void res.send(page(req as unknown as WithSession)));
  return listen(app);
};

/** An app of Hono's that answers each request with what `answer` makes of it. */
function hono(sessions: Sessions, answer: (context: Context<{ Bindings: HttpBindings }>) => globalThis.Response) {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async ({ env: { incoming, outgoing } }, next) => {
    await new Promise<void>((resolve, reject) => {
      sessions(incoming, outgoing as ServerResponse, (error) => (error ? reject(error as Error) : resolve()));
    });
    await next();
  });
  app.all("*", answer);
  app.onError((error, context) => {
    if (!HoldfastError.is(error)) throw error;
    return context.json({ error: error.code }, error.status as 503, error.headers);
  });
  return listen(getRequestListener(app.fetch) as RequestListener);
}

const frameworks: Record<string, (sessions: Sessions) => Promise<string>> = {
  "Express 5": onExpress(() => express().set("env", "test")),
  "Express 4": onExpress(() => express4().set("env", "test")),
  Connect: (sessions) => {
    const app = connect();
    app.use(sessions);
    app.use((req, res) => void res.end(page(req as unknown as WithSession)));
    return listen(app);
  },
  "Koa with koa-connect": (sessions) => {
    const app = new Koa();
    app.silent = true;
    app.use(koaConnect(sessions as never) as unknown as Koa.Middleware);
    app.use((context) => void (context.body = page(context.req as unknown as WithSession)));
    return listen(app.callback() as RequestListener);
  },
  "h3 with fromNodeMiddleware": (sessions) => {
    const app = createApp({ onError: () => {} });
    app.use(fromNodeMiddleware(sessions as never));
    app.use(defineEventHandler((event) => page(event.node.req as unknown as WithSession)));
    return listen(toNodeListener(app) as RequestListener);
  },
  "Hono with its Node.js server": (sessions) =>
    hono(sessions, (context) => context.text(page(context.env.incoming as unknown as WithSession))),
  "a promise around it": (sessions) =>
    listen((req, res) => {
      new Promise<void>((resolve, reject) =>
        sessions(req, res, (error) => (error ? reject(error as Error) : resolve())),
      )
        .then(() => res.end(page(req as unknown as WithSession)))
        .catch((error: { status: number; headers: Record<string, string> }) =>
          res.writeHead(error.status, error.headers).end(),
        );
    }),
  "Fastify with @fastify/middie": async (sessions) => {
    const app = fastify();
    await app.register(middie);
    app.use(sessions as never);
    app.get("/*", (req) => page(req.raw as unknown as WithSession));
    servers.push(app);
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
};

const cookieOf = (response: globalThis.Response) => response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
const visit = (url: string, cookie = "") => fetch(url, { headers: { cookie }, signal: AbortSignal.timeout(8000) });

describe.each(Object.entries(frameworks))("%s", (name, start) => {
  test("a session is kept", async () => {
    const url = await start(sessions);
    const first = await visit(`${url}/count`);
    expect([first.status, await first.text()]).toEqual([200, "1"]);
    expect(await (await visit(`${url}/count`, cookieOf(first))).text()).toBe("2");
  });

  test("a save that fails is answered, as a failure, within two seconds; and nobody else is hurt", async () => {
    const url = await start(sessions);
    const cookie = cookieOf(await visit(`${url}/count`));
    await refuseWrites();
    const began = performance.now();
    const writers = Array.from({ length: 10 }, () => visit(`${url}/count`, cookie));
    const readers = Array.from({ length: 20 }, () => visit(`${url}/read`, cookie));
    for (const response of await Promise.all(writers)) {
      expect(response.status).toBe(503);
      if (name !== "h3 with fromNodeMiddleware") expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.text()).not.toBe("2");
    }
    for (const response of await Promise.all(readers)) {
      expect([response.status, await response.text()]).toEqual([200, "1"]);
    }
    // Those who come afterwards get whatever the framework keeps and uses again.
    for (let i = 0; i < 10; i++) expect(await (await visit(`${url}/read`, cookie)).text()).toBe("1");
    expect(performance.now() - began).toBeLessThan(4000);
  });

  test("a read that fails is answered, as a failure", async () => {
    const cookie = cookieOf(await visit(`${await start(sessions)}/count`));
    const closed = createClient({ url: redis.url }) as RedisClientType;
    await closed.connect();
    closed.destroy();
    const url = await start(redisSession({ client: closed, secret }));
    expect((await visit(`${url}/read`, cookie)).status).toBe(503);
  });
});

describe("the Node.js server of Hono, which notes a response's length before its head", () => {
  const text = (context: Context) => page(context.env.incoming as WithSession);
  const kinds: Record<string, (context: Context) => globalThis.Response> = {
    text: (context) => context.text(text(context)),
    JSON: (context) => context.json({ n: text(context) }),
    "a header of its own": (context) => context.text(text(context), 200, { "x-own": "1" }),
    "a cookie of its own": (context) => context.text(text(context), 200, { "set-cookie": "own=1" }),
    HTML: (context) => context.html(`<p>${text(context)}</p>`),
    bytes: (context) => context.body(new TextEncoder().encode(text(context))),
    "no body": (context) => context.body(null, text(context) ? 204 : 500),
    "a redirect": (context) => context.redirect(`/${text(context)}`),
    "a stream": (context) => context.body(new Blob([text(context)]).stream()),
  };

  test.each(Object.entries(kinds))(
    "%s waits for the save, with the cookie, and is none if that fails",
    async (_, answer) => {
      const url = await hono(sessions, answer);
      const visitNow = (cookie = "") =>
        fetch(`${url}/count`, { headers: { cookie }, redirect: "manual", signal: AbortSignal.timeout(8000) });
      const first = await visitNow();
      const cookies = first.headers.getSetCookie();
      const cookie = cookies.find((line) => line.startsWith("connect.sid="))!.split(";")[0]!;
      expect(first.status).toBeLessThan(400);
      await refuseWrites();
      const second = await visitNow(cookie);
      expect([second.status, second.headers.get("retry-after"), await second.text()]).toEqual([
        503,
        "1",
        "Service Unavailable\n",
      ]);
      expect(second.headers.get("location")).toBeNull();
    },
  );
});

describe("engine.io, which is what socket.io listens with", () => {
  const mine = () => redisSession({ client, secret, saveUninitialized: true });
  const peers = () =>
    session({
      store: new RedisStore({ client }),
      secret,
      saveUninitialized: true,
      resave: false,
      cookie: { sameSite: "lax" },
    });

  async function open(middleware: unknown): Promise<{ url: string; sessionIds: string[] }> {
    const engine = new EngineServer();
    engine.use(middleware as never);
    const sessionIds: string[] = [];
    engine.on("connection", (socket: { request: IncomingMessage & { sessionID: string } }) =>
      sessionIds.push(socket.request.sessionID),
    );
    const server = createServer();
    engine.attach(server, { path: "/" });
    servers.push(engine);
    return { url: await serve(server), sessionIds };
  }

  /** A WebSocket's handshake, by hand, for its headers. */
  function handshake(url: string, cookie = ""): Promise<{ status: number | undefined; cookies: string[] }> {
    return new Promise((resolve, reject) => {
      const headers = {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        Cookie: cookie,
      };
      const req = request(`${url}/?EIO=4&transport=websocket`, { headers });
      const done = (res: IncomingMessage) =>
        resolve({ status: res.statusCode, cookies: res.headers["set-cookie"] ?? [] });
      req.on("upgrade", (res, socket) => {
        socket.destroy();
        done(res);
      });
      req.on("response", (res) => done(res.resume()));
      req.on("error", reject);
      req.end();
    });
  }

  const idIn = (cookies: string[]) => /connect\.sid=s%3A([^.]+)/.exec(cookies[0] ?? "")?.[1];

  test.each(["ours", "the peer's"])(
    "a WebSocket's handshake sets the cookie of the session that it has: %s",
    async (whose) => {
      const { url, sessionIds } = await open(whose === "ours" ? mine() : peers());
      for (let i = 0; i < 5; i++) {
        const { status, cookies } = await handshake(url);
        expect(status).toBe(101);
        expect(cookies[0]).toMatch(/^connect\.sid=s%3A[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
        await expect.poll(() => sessionIds.length).toBe(i + 1);
        expect(idIn(cookies)).toBe(sessionIds[i]);
      }
    },
  );

  test("the session of that cookie is stored, and found by the next handshake, which sets no other", async () => {
    const { url, sessionIds } = await open(mine());
    const { cookies } = await handshake(url);
    const id = idIn(cookies)!;
    await expect.poll(() => client.exists(`sess:${id}`)).toBe(1);
    expect((await handshake(url, cookies[0]!.split(";")[0])).cookies).toEqual([]);
    await expect.poll(() => sessionIds).toEqual([id, id]);
  });

  test("long polling gets its cookie too", async () => {
    const { url, sessionIds } = await open(mine());
    const response = await visit(`${url}/?EIO=4&transport=polling`);
    expect(response.status).toBe(200);
    expect(idIn(response.headers.getSetCookie())).toBe(sessionIds[0]);
  });

  test("while Redis takes no writes, and while it is gone, handshakes end and nothing else does", async () => {
    const { url } = await open(mine());
    await refuseWrites();
    expect((await handshake(url)).status).toBe(101);
    const closed = createClient({ url: redis.url }) as RedisClientType;
    await closed.connect();
    closed.destroy();
    const gone = await open(redisSession({ client: closed, secret }));
    const { cookies } = await handshake(url);
    expect((await handshake(gone.url, cookies[0]?.split(";")[0])).status).toBe(400); // engine.io's word for any error
  });
});
