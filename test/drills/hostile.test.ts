/** 10,000 hostile inputs: no crash, no unhandled rejection, no 500 with a stack, memory back where it was. */
import { sign } from "cookie-signature";
import express, { type NextFunction, type Request, type Response } from "express";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { redisSession } from "holdfast";
import { Customer, startShop, testSecret, type TestShop } from "../support/shop.js";
import { hostileCookies, hostileForms, hostileHashes, hostileSessions, strangeSessions } from "./hostile-inputs.js";
import { sendAll, type RawReply } from "./raw-visitors.js";

const sizes = { cookies: 3500, sessions: 3500, forms: 3000 };
/** More than this is a leak: a request that stays in memory takes several thousand bytes, here times 10,000. */
const memoryBound = 8_000_000;

let shop: TestShop;
let sites: { reads: Server; writes: Server; hash: Server };
const accidents: unknown[] = [];
const note = (accident: unknown) => void accidents.push(accident);
const logged: string[] = [];
const { error: log } = console;
const warners = process.listeners("warning");

beforeAll(async () => {
  process.on("unhandledRejection", note).on("uncaughtException", note);
  process.removeAllListeners("warning"); // a thousand lines that say what is meant to be so
  console.error = (...words: unknown[]) => void logged.push(String(words[0]));
  shop = await startShop({ throttle: false });
  sites = {
    reads: await openSite("json", false),
    writes: await openSite("json", true),
    hash: await openSite("hash", true),
  };
});
afterAll(async () => {
  process.off("unhandledRejection", note).off("uncaughtException", note);
  for (const warner of warners) process.on("warning", warner);
  console.error = log;
  for (const site of Object.values(sites)) site.close().closeAllConnections();
  await shop.close();
});

/** An app that looks at every value of its session, and perhaps changes some. */
async function openSite(layout: "json" | "hash", writes: boolean): Promise<Server> {
  const app = express().use(redisSession({ client: shop.client, secret: testSecret, layout } as never));
  app.use((req, res) => {
    const session = req.session as unknown as Record<string, unknown>;
    let kinds = "";
    for (const key of Object.keys(session)) kinds += typeof session[key];
    if (writes) Object.assign(session, { n: 1, late: { deep: true } });
    res.send(`ok ${kinds.length}`);
  });
  app.use((error: any, _req: Request, res: Response, _next: NextFunction) => {
    res.status(error.status ?? 500).send(`${error.code}: ${error.message}`);
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const get = (cookie: string, path = "/") => `GET ${path} HTTP/1.1\r\nHost: site\r\nCookie: ${cookie}\r\n\r\n`;
const visitOf = (id: string) => get(signed(id));
const signed = (id: string) => `connect.sid=${encodeURIComponent(`s:${sign(id, testSecret)}`)}`;

interface Tally {
  statuses: Record<number, number>;
  /** Answers that no visitor may see, with what was asked. */
  wrong: string[];
}

/** No answer at all, or one that shows where in the code it went wrong. */
function isWrong({ status, text }: RawReply): boolean {
  return status === 0 || /\n\s+at |node_modules|\.ts:\d|&nbsp;at /.test(text);
}

function lookAt(tally: Tally) {
  return (reply: RawReply, request: string) => {
    tally.statuses[reply.status] = (tally.statuses[reply.status] ?? 0) + 1;
    if (isWrong(reply) && tally.wrong.length < 20)
      tally.wrong.push(`${request.slice(0, 300)}\n${reply.text.slice(-300)}`);
  };
}

/** Has a session in the shop, and the token of its forms. */
interface Attacker {
  cookie: string;
  token: string;
}

async function enter(): Promise<Attacker> {
  const pages: string[] = [];
  const request = "GET /login HTTP/1.1\r\nHost: site\r\n\r\n";
  await sendAll(Number(new URL(shop.url).port), [request], ({ text }) => void pages.push(text));
  const found = (pattern: RegExp) => pattern.exec(pages[0]!)![1]!;
  return { cookie: found(/^Set-Cookie: (connect\.sid=[^;]+)/m), token: found(/name="csrf-token" content="([^"]+)"/) };
}

async function attack(scale: number, tally: Tally, attacker: Attacker): Promise<number> {
  const look = lookAt(tally);
  const shopPort = Number(new URL(shop.url).port);

  const cookies = hostileCookies(sizes.cookies * scale, testSecret).map((cookie, i) =>
    get(cookie, i % 2 ? "/" : "/login"),
  );
  await sendAll(portOf(sites.writes), cookies.slice(0, cookies.length / 2), look);
  await sendAll(shopPort, cookies.slice(cookies.length / 2), look);

  const hashes = hostileHashes((sizes.sessions * scale) / 10);
  const plants = [...hashes, ...hostileSessions(sizes.sessions * scale - hashes.length)];
  const ids = plants.map((_, i) => `hostile-${i}`);
  for (let i = 0; i < plants.length; i += 100) {
    const some = plants.slice(i, i + 100);
    await Promise.all(some.map((plant, j) => plant(shop.client, `sess:${ids[i + j]}`)));
  }
  await sendAll(portOf(sites.hash), ids.splice(0, hashes.length).map(visitOf), look);
  const deep = ids.splice(-strangeSessions).map(visitOf); // the shop's panel shows the whole session
  await sendAll(portOf(sites.reads), deep, look);
  await sendAll(portOf(sites.writes), deep, look);
  await sendAll(portOf(sites.hash), deep, look);
  const part = (n: number) => ids.filter((_, i) => i % 4 === n).map(visitOf);
  await sendAll(portOf(sites.reads), part(0), look);
  await sendAll(portOf(sites.writes), part(1), look);
  await sendAll(portOf(sites.hash), part(2), look);
  await sendAll(shopPort, part(3), look);

  const forms = hostileForms(sizes.forms * scale, attacker.token).map(({ path, type, body }) => {
    const head = `POST ${path} HTTP/1.1\r\nHost: site\r\nCookie: ${attacker.cookie}\r\nContent-Type: ${type}\r\n`;
    return `${head}Content-Length: ${Buffer.byteLength(body, "latin1")}\r\n\r\n${body}`;
  });
  await sendAll(shopPort, forms, look);
  for (const [i] of plants.entries()) await shop.client.unlink(`sess:hostile-${i}`);
  return cookies.length + plants.length + forms.length;
}

async function heapInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 5; i++) {
    await turn();
    collect();
  }
  return process.memoryUsage().heapUsed;
}

test("10,000 hostile inputs do no harm and do not disturb a regular visitor", { timeout: 60_000 }, async () => {
  const good = new Customer(shop);
  await good.submit("/cart", { sku: "rope", quantity: 2 });
  const attacker = await enter();
  const started = performance.now();

  await attack(0.1, { statuses: {}, wrong: [] }, attacker); // what is kept once, is kept
  const before = await heapInUse();
  const tally: Tally = { statuses: {}, wrong: [] };
  logged.length = 0;
  const count = await attack(1, tally, attacker);
  const lines = logged.length;
  logged.length = 0;
  const grown = (await heapInUse()) - before;

  const seconds = (performance.now() - started) / 1000;
  const statuses = Object.entries(tally.statuses).map(([status, n]) => `${status}: ${n}`);
  console.log(
    `${count} hostile inputs in ${seconds.toFixed(1)} s; answers ${statuses.join(", ")}; ` +
      `${lines} lines logged; heap ${(before / 1e6).toFixed(1)} MB before, ${(grown / 1e6).toFixed(2)} MB more after`,
  );
  expect(tally.wrong).toEqual([]);
  expect(accidents).toEqual([]);
  expect(count).toBe(10_000);
  expect(grown).toBeLessThan(memoryBound);
  expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();

  expect(await good.cart()).toEqual({ rope: 2 });
  await good.submit("/cart", { sku: "rope", quantity: 1 });
  expect(await good.cart()).toEqual({ rope: 3 });
  expect((await new Customer(shop).get("/")).status).toBe(200);
});

const goodCookie = '{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}';

/** Visits with this in the place of a session; the status, or "late" after a second. */
async function statusFor(plant: (key: string) => Promise<unknown>, site: Server): Promise<number | "late"> {
  const id = "rubbish";
  await shop.client.unlink(`sess:${id}`);
  await plant(`sess:${id}`);
  const visit = new Promise<number>((resolve, reject) => {
    sendAll(portOf(site), [visitOf(id)], (reply) => resolve(reply.status)).catch(reject);
  });
  const late = new AbortController();
  try {
    return await Promise.race([visit, delay(1000, "late" as const, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

const unusable = ['{"originalMaxAge":"x"}', '{"serialize":1}', '{"domain":[]}'];

// Known gaps; each of these fails as soon as its gap is closed.
test.each(unusable)("a stored cookie that cannot be sent makes the session unreadable: %s", async (cookie) => {
  expect(await statusFor((key) => shop.client.set(key, `{"cookie":${cookie},"a":1}`), sites.writes)).toBe(200);
});

test("a request can overwrite a stored session that is not valid UTF-8", async () => {
  const bytes = Buffer.from(`{"cookie":${goodCookie},"a":"\xff"}`, "latin1");
  expect(await statusFor((key) => shop.client.sendCommand(["SET", key, bytes as never]), sites.writes)).toBe(200);
});

test("an extremely deeply nested session does not cause a 500", async () => {
  const text = `{"cookie":${goodCookie},"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  expect(await statusFor((key) => shop.client.set(key, text), sites.writes)).toBe(200);
});
