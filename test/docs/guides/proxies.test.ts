/** docs/guides/proxies.md: what the app sees behind a proxy, and what its cookie and its warnings are then. */
import { createServer, request as forward, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import express from "express";
import type { RedisClientType } from "redis";
import request from "supertest";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type * as holdfast from "holdfast";
import { redisSession } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, blockWith, rowsOf } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/proxies.md";
const redis = useRedis();
const blocks = useBlocks();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

type Values = { views?: number };
function counting(app: express.Express): express.Express {
  return app.get("/", (req, res) => {
    const session = req.session as unknown as Values;
    session.views = (session.views ?? 0) + 1;
    res.json({ views: session.views, ip: req.ip, secure: req.secure });
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** As the nginx of the page: the visitor comes over HTTPS, the app is reached over HTTP, upgrades are passed on. */
async function startProxy(appPort: number): Promise<number> {
  const headersOf = ({ headers, socket }: IncomingMessage) => ({
    ...headers,
    "x-forwarded-for": socket.remoteAddress,
    "x-forwarded-proto": "https",
  });
  const proxy = createServer((req, res) => {
    const { url: path, method } = req;
    const onward = forward({ port: appPort, path, method, headers: headersOf(req) }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    req.pipe(onward);
  });
  proxy.on("upgrade", (req: IncomingMessage, socket: Duplex) => {
    const app = connect(appPort, "127.0.0.1", () => {
      const lines = Object.entries(headersOf(req)).map(([name, value]) => `${name}: ${value}`);
      app.write(`GET ${req.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      app.pipe(socket).pipe(app);
    });
    for (const one of [app, socket]) one.on("error", () => one.destroy());
  });
  return listen(proxy);
}

it("with its program, the cookie is Secure, and req.ip is the visitor's", async () => {
  const app = express();
  await blocks.run(blockWith(page, 'app.set("trust proxy", 1)'), { app, client, secret });
  const port = await startProxy(await listen(createServer(counting(app))));
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(await answer.json()).toMatchObject({ views: 1, secure: true, ip: expect.stringContaining("127.0.0.1") });
  const cookie = answer.headers.getSetCookie()[0]!;
  expect(cookie).toMatch(/; Secure/);
  const again = await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie: cookie.split(";")[0]! } });
  expect(await again.json()).toMatchObject({ views: 2 });
});

it("the handshake of a WebSocket carries the session", async () => {
  const sessions = redisSession({ client, secret, proxy: true });
  const app = counting(express().set("trust proxy", 1).use(sessions));
  const server = createServer(app);
  server.on("upgrade", (req: IncomingMessage & { session?: Values }, socket: Duplex) => {
    sessions(req, {} as never, () => {
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\nviews ${req.session?.views}`,
      );
    });
  });
  const port = await startProxy(await listen(server));
  const first = await fetch(`http://127.0.0.1:${port}/`);
  const cookie = first.headers.getSetCookie()[0]!.split(";")[0]!;
  const said = await new Promise<string>((resolve, reject) => {
    const headers = { Connection: "Upgrade", Upgrade: "test", Cookie: cookie };
    forward({ port, headers })
      .on("upgrade", (_answer, socket, head) => {
        let text = String(head);
        socket.on("data", (piece) => (text += String(piece))).on("end", () => resolve(text));
      })
      .on("error", reject)
      .end();
  });
  expect(said).toBe("views 1");
});

describe("what the app may see", () => {
  const rows = rowsOf(page, "the proxy sends").slice(0, 3);

  it("has the rows that are tried here", () => expect(rows).toHaveLength(3));

  it.each(rows)("%s, trust proxy %s", async (sends, trusts, cookie, warning) => {
    const warnings: unknown[] = [];
    const heard = vi.spyOn(process, "emitWarning").mockImplementation((_text, options) => {
      warnings.push((options as { code?: string }).code);
    });
    onTestFinished(() => heard.mockRestore());
    // A fresh copy of the package: each warning is emitted once.
    vi.resetModules();
    const fresh = (await import("../../../lib/index.js")) as typeof holdfast;
    const ask = async (secure: true | undefined) => {
      const app = express();
      if (trusts === "set") app.set("trust proxy", 1);
      counting(app.use(fresh.redisSession({ client, secret, cookie: { secure } }) as express.RequestHandler));
      const asked = request(app).get("/");
      if (sends!.includes("X-Forwarded-Proto")) asked.set("X-Forwarded-Proto", "https");
      const { headers } = await asked;
      const [line] = (headers["set-cookie"] as unknown as string[] | undefined) ?? [];
      return line === undefined ? "none" : /; Secure/.test(line) ? "`Secure`" : "without `Secure`";
    };
    const [usual, strict] = [await ask(undefined), await ask(true)];
    const words = usual === strict ? usual : `${usual}; with \`secure: true\`, ${strict}`;
    expect(words).toBe(cookie);
    expect(warnings).toEqual([...warning!.matchAll(/\[`(\w+)`\]/g)].map(([, code]) => code));
  });
});

describe("the nginx configuration", () => {
  const [block] = blocksOf(page, "nginx");
  const settings = rowsOf(page, "setting").flatMap(([cell]) =>
    [...cell!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!),
  );

  it("has each setting that the table explains, and the braces close", () => {
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((name) => !block!.text.includes(name))).toEqual([]);
    expect(block!.text.match(/\{/g)?.length).toBe(block!.text.match(/\}/g)?.length);
  });

  it("gives up later than two commands can take", () => {
    const [, seconds] = /proxy_read_timeout (\d+)s/.exec(block!.text)!;
    expect(Number(seconds)).toBeGreaterThan(2 * 5);
  });
});
