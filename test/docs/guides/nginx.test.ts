/** docs/guides/proxies.md: its configuration of nginx, in a real nginx in front of an app. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { request as ask, type RequestOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import express from "express";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { redisSession } from "holdfast";
import { sameOrigin } from "holdfast/auth";
import { secret } from "../../promises/candidates.js";
import { findProgram, nginxPath } from "../../support/programs.js";
import { freePort } from "../../support/servers/free-port.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, blockWith } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/proxies.md";

describe.skipIf(!nginxPath || !findProgram("openssl"))("nginx, as configured on the page", () => {
  const redis = useRedis();
  const blocks = useBlocks();
  const cleaning: (() => unknown)[] = [];
  let port: number;
  /** Connections that nginx has opened to the app. */
  let connections = 0;

  beforeAll(async () => {
    const client = await redis.client();
    const app = express();
    await blocks.run(blockWith(page, 'app.set("trust proxy", 1)'), { app, client, secret });
    app.get("/", (req, res) => {
      const session = req.session as unknown as { views?: number };
      session.views = (session.views ?? 0) + 1;
      res.json({ views: session.views, ip: req.ip, secure: req.secure });
    });
    app.post("/form", sameOrigin() as express.RequestHandler, (_req, res) => void res.send("taken"));
    const server = createServer(app).on("connection", () => connections++);
    const sessions = redisSession({ client, secret });
    server.on("upgrade", (req: IncomingMessage & { session?: { views?: number } }, socket) => {
      sessions(req, {} as never, () => {
        const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n";
        socket.end(`${head}views ${req.session?.views}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleaning.push(() => (server.closeAllConnections(), server.close()));
    port = await startNginx((server.address() as AddressInfo).port);
  });
  afterAll(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });

  async function startNginx(appPort: number): Promise<number> {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-nginx-"));
    const listening = await freePort();
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=shop.example", "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...files], { cwd: folder, stdio: "pipe" });
    const [block] = blocksOf(page, "nginx");
    const settings = block!.text
      .replace("127.0.0.1:3000", `127.0.0.1:${appPort}`)
      .replace("listen 443 ssl", `listen 127.0.0.1:${listening} ssl`)
      .replace("/etc/ssl/shop.example.pem", join(folder, "cert.pem"))
      .replace("/etc/ssl/shop.example.key", join(folder, "key.pem"));
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    mkdirSync(join(folder, "temporary"));
    const paths = temporary.map((kind) => `${kind}_temp_path ${folder}/temporary/${kind};`).join("\n");
    const main = `daemon off;\nmaster_process off;\npid ${folder}/nginx.pid;\nevents {}\n`;
    writeFileSync(join(folder, "nginx.conf"), `${main}http {\naccess_log off;\n${paths}\n${settings}\n}\n`);

    const args = ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
    const nginx = spawn(nginxPath!, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    nginx.stderr.on("data", (piece) => (said += String(piece)));
    cleaning.push(async () => {
      if (nginx.exitCode === null && nginx.kill()) await once(nginx, "exit");
      rmSync(folder, { recursive: true, force: true });
    });
    await vi.waitFor(
      async () => {
        if (nginx.exitCode !== null) throw new Error(said);
        expect((await get({ port: listening })).status).toBe(200);
      },
      { timeout: 20_000, interval: 50 },
    );
    return listening;
  }

  async function get(options: RequestOptions) {
    const headers = { Host: "shop.example", ...(options.headers as Record<string, string> | undefined) };
    const sent = ask({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options, headers }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  }
  const cookieOf = (lines: string[] | undefined) => lines![0]!.split(";")[0]!;

  it("the cookie is Secure, and leads to its session", async () => {
    const first = await get({});
    expect(JSON.parse(first.body)).toMatchObject({ views: 1, secure: true });
    expect(first.headers["set-cookie"]).toEqual([expect.stringMatching(/; Secure/)]);
    const again = await get({ headers: { Cookie: cookieOf(first.headers["set-cookie"]) } });
    expect(JSON.parse(again.body)).toMatchObject({ views: 2 });
  });

  it("visitors cannot choose the address by which they are counted", async () => {
    const { body } = await get({ headers: { "X-Forwarded-For": "203.0.113.9" } });
    expect(JSON.parse(body)).toMatchObject({ ip: "127.0.0.1" });
  });

  it("forms of the site are taken, and those of another are refused", async () => {
    const post = (origin: string) => get({ method: "POST", path: "/form", headers: { Origin: origin } });
    expect(await post("https://shop.example")).toMatchObject({ status: 200, body: "taken" });
    expect(await post("https://elsewhere.example")).toMatchObject({ status: 403 });
  });

  it("the handshake of a WebSocket carries the session", async () => {
    const { headers } = await get({});
    const upgrade = { Host: "shop.example", Connection: "Upgrade", Upgrade: "test" };
    const cookie = { Cookie: cookieOf(headers["set-cookie"]) };
    const sent = ask({ host: "127.0.0.1", port, rejectUnauthorized: false, headers: { ...upgrade, ...cookie } }).end();
    const [, socket, head] = (await once(sent, "upgrade")) as [IncomingMessage, NodeJS.ReadableStream, Buffer];
    expect(String(head) + (await text(socket))).toBe("views 1");
  });

  it("connections to the app are used again", async () => {
    await get({});
    const before = connections;
    for (let request = 0; request < 5; request++) await get({});
    expect(connections).toBe(before);
  });
});
