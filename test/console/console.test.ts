/** The console over HTTP: who may come in, forged requests, what its pages say and do, under prefixes and frameworks. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import compression from "compression";
import { unsign } from "cookie-signature";
import express from "express";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { console as operatorConsole } from "holdfast/console";
import { redisSession } from "holdfast";
import { onSignal, pulse, readPulses, type Signals } from "holdfast/ops";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";
import { frameworks, startOpsSite, type Framework, type OpsSite } from "./ops-site.js";

const redis = useRedis();
const sites: OpsSite[] = [];
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
  await (await redis.client()).flushDb();
});

async function open(options: Parameters<typeof startOpsSite>[1] = {}): Promise<OpsSite> {
  const site = await startOpsSite(redis.url, options);
  sites.push(site);
  return site;
}

const sidIn = (cookie: string) => unsign(decodeURIComponent(cookie.split("=")[1]!).slice(2), secret) as string;
const hashOf = (cookie: string) => createHash("sha256").update(sidIn(cookie)).digest("hex");
const sameOrigin = { "sec-fetch-site": "same-origin" };
const form = (fields: Record<string, string>, headers: Record<string, string> = sameOrigin): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
  redirect: "manual",
  headers,
});
const page = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
};

describe("who may come in", () => {
  it("nobody from elsewhere without `authorize`: through a proxy, or by another name", async () => {
    const site = await open();
    expect((await page(`${site.url}/ops/`)).status).toBe(200);
    const forwarded: Record<string, string>[] = [
      { "x-forwarded-for": "203.0.113.9" },
      { forwarded: "for=203.0.113.9" },
      { via: "1.1 x" },
    ];
    for (const headers of forwarded) {
      const { status, text } = await page(`${site.url}/ops/sessions`, { headers });
      expect(status).toBe(403);
      expect(text).not.toContain("<table");
    }
  });

  it("whom `authorize` lets in, and nobody for anything that is not true or a name", async () => {
    for (const verdict of [true, "ada", false, undefined, null, 0, 1, "", {}, Promise.resolve(false)]) {
      const site = await open({ authorize: () => verdict as boolean });
      const isIn = verdict === true || verdict === "ada";
      expect((await page(`${site.url}/ops/`)).status).toBe(isIn ? 200 : 403);
      expect(
        (await page(`${site.url}/ops/events`, { signal: AbortSignal.timeout(3000) }).catch(() => ({ status: 200 })))
          .status,
      ).toBe(isIn ? 200 : 403);
      expect((await page(`${site.url}/ops/sessions/find`, form({ by: "user", text: "1" }))).status).toBe(
        isIn ? 303 : 403,
      );
    }
  });

  it("an `authorize` that throws is an error of the app, and shows nothing", async () => {
    const site = await open({
      authorize() {
        throw new Error("the database is away");
      },
    });
    const { status, text } = await page(`${site.url}/ops/`);
    expect(status).toBe(500);
    expect(text).toBe("the database is away");
  });

  it("does not start in production without `authorize`, nor with options that are none", async () => {
    const sessions = redisSession({ url: redis.url, secret });
    onTestFinished(() => sessions.close());
    vi.stubEnv("NODE_ENV", "production");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(() => operatorConsole({ sessions })).toThrow(/needs the option `authorize`/);
    expect(() => operatorConsole({ sessions, authorize: "ada" as never })).toThrow(/must be a function/);
    expect(() => operatorConsole({ sessions, authorize: () => true, title: 1 as never })).toThrow(/must be a string/);
    expect(() => operatorConsole({ sessions: {} as never, authorize: () => true })).toThrow(/redisSession/);
    const memory = redisSession({ store: new redisSession.MemoryStore(), secret });
    expect(() => operatorConsole({ sessions: memory, authorize: () => true })).toThrow(/sessions in Redis/);
  });
});

describe("forged requests", () => {
  it("nothing is ended by a form that another site, another port or nobody known has sent", async () => {
    const site = await open();
    const cookie = await site.visit({ user: "42" });
    const end = `${site.url}/ops/sessions/${hashOf(cookie)}/end`;
    const host = new URL(site.url).host;
    const forged: Record<string, string>[] = [
      {},
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "cross-site", origin: site.url },
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: `http://evil.example#${host}` },
      { origin: `http://127.0.0.1:1` },
      { referer: `${site.url}/ops/` },
    ];
    for (const headers of forged) expect((await page(end, form({}, headers))).status).toBe(403);
    expect((await page(end, { method: "GET", headers: sameOrigin })).status).toBe(200); // asks only
    expect(await (await redis.client()).exists(`sess:${sidIn(cookie)}`)).toBe(1);
    expect((await page(end, form({}, { origin: site.url }))).status).toBe(303);
    expect(await (await redis.client()).exists(`sess:${sidIn(cookie)}`)).toBe(0);
  });

  it("other methods are refused", async () => {
    const site = await open();
    for (const method of ["PUT", "DELETE", "PATCH"])
      expect((await page(`${site.url}/ops/sessions`, { method, headers: sameOrigin })).status).toBe(405);
  });
});

describe.each(Object.keys(frameworks) as Framework[])("%s", (framework) => {
  it("every link and form leads on, mounted under one part, two or none, with what a proxy adds in front", async () => {
    for (const at of ["/ops", "/a/b", "/"]) {
      const site = await open({ framework, at });
      const cookie = await site.visit();
      const root = `${site.url}${at === "/" ? "" : at}`;
      const first = await fetch(root);
      expect(new URL(first.url).pathname).toBe(at === "/" ? "/" : `${at}/`);
      const visited = new Set<string>();
      const follow = async (url: string): Promise<void> => {
        const address = url.split(/[?#]/)[0]!;
        if (visited.has(address) || address.endsWith("/events")) return;
        visited.add(address);
        const { status, text } = await page(url);
        expect({ url, status }).toEqual({ url, status: 200 });
        const links = [...text.matchAll(/(?:href|src)="([^"#][^"]*)"/g)].map(([, link]) =>
          link!.replaceAll("&amp;", "&"),
        );
        for (const link of links) if (!link.startsWith("data:")) await follow(new URL(link, url).href);
      };
      await follow(first.url);
      const paths = [...visited].map((url) => url.slice(root.length));
      expect(paths).toContain(`/sessions/${hashOf(cookie).slice(0, 8)}`);
      expect(paths).toContain(`/sessions/${hashOf(cookie)}/end`);
      expect(paths.some((path) => path.endsWith("console.css"))).toBe(true);
      expect(paths.some((path) => path.endsWith("console.js"))).toBe(true);
    }
  });

  it("ends a session, and all of a user, tells who did it, and works behind the app's own body parser", async () => {
    const heard: Signals["operator"][] = [];
    onTestFinished(onSignal("operator", (payload) => heard.push(payload)));
    const parser = framework === "Connect" ? [] : [frameworks["Express 5"].urlencoded({ extended: false })];
    const site = await open({ framework, before: parser as never, authorize: () => "ada", userKey: "user" });
    const [first, ...others] = [
      await site.visit({ user: "7" }),
      await site.visit({ user: "42" }),
      await site.visit({ user: "42" }),
    ];
    const ended = await page(`${site.url}/ops/sessions/${hashOf(first!)}/end`, form({}));
    expect(ended.status).toBe(303);
    expect(ended.headers.get("location")).toBe("../../sessions?ended=1");
    expect(heard).toEqual([
      expect.objectContaining({
        action: "end-session",
        operator: "ada",
        session: hashOf(first!).slice(0, 8),
        error: undefined,
      }),
    ]);
    const all = await page(`${site.url}/ops/users/end?user=42`, form({}));
    expect(all.headers.get("location")).toBe("../sessions?user=42&ended=2");
    expect(heard[1]).toMatchObject({ action: "end-user", operator: "ada", user: "42" });
    const client = await redis.client();
    for (const cookie of [first!, ...others]) expect(await client.exists(`sess:${sidIn(cookie)}`)).toBe(0);
    const again = await page(`${site.url}/ops/sessions/${hashOf(first!)}/end`, form({}));
    expect(again.headers.get("location")).toBe("../../sessions?ended=0&gone");
    expect((await page(`${site.url}/ops/sessions/${hashOf(first!)}`)).status).toBe(404);
  });
});

describe("what the pages say", () => {
  it("a session by user, by hash and by key; never its id, and no value that looks secret", async () => {
    const site = await open({ userKey: "user" });
    const cookie = await site.visit({ user: "<b>42", password: "hunter2", basket: ["rope"] });
    const sid = sidIn(cookie);
    const find = async (by: string, text: string) => {
      const { status, headers } = await page(`${site.url}/ops/sessions/find`, form({ by, text }));
      return { status, at: headers.get("location") ?? "" };
    };
    expect(await find("user", "<b>42")).toEqual({ status: 303, at: "../sessions?user=%3Cb%3E42" });
    expect(await find("hash", hashOf(cookie).slice(0, 8))).toEqual({
      status: 303,
      at: `../sessions/${hashOf(cookie).slice(0, 8)}`,
    });
    for (const text of [`sess:${sid}`, sid])
      expect(await find("key", text)).toEqual({ status: 303, at: `../sessions/${hashOf(cookie)}` });
    for (const [by, text] of [
      ["hash", "xyz"],
      ["hash", ""],
      ["user", ""],
      ["key", "sess:"],
      ["", "x"],
    ] as const)
      expect((await find(by, text)).status).toBe(422);
    const nobody = await page(`${site.url}/ops/users/end?user=nobody`, { ...form({}), redirect: "follow" });
    expect(nobody.text).toContain("There was no session to end.");

    const pages = [
      "",
      "sessions",
      "sessions?user=%3Cb%3E42",
      `sessions/${hashOf(cookie)}`,
      `sessions/${hashOf(cookie)}/end`,
      "redis",
    ];
    const texts = await Promise.all(pages.map(async (path) => (await page(`${site.url}/ops/${path}`)).text));
    for (const text of texts) {
      expect(text).not.toContain(sid);
      expect(text).not.toContain("hunter2");
      expect(text).not.toContain("<b>42");
    }
    expect(texts[2]).toContain("1 session.");
    expect(texts[3]).toContain("rope");
    expect(texts[3]).toContain("&quot;password&quot;: &quot;***&quot;");
  });

  const strange = "ada\u202e\u2066\u0000\r\n\u001b[2J\u200b <i>";

  it("no page contains an invisible character, whoever has chosen a name, and all of that user can be ended", async () => {
    const site = await open({ userKey: "user", title: `shop${strange}`, authorize: () => strange });
    const cookie = await site.visit({ user: strange, [strange]: [{ [strange]: strange }] });
    const query = String(new URLSearchParams({ user: strange }));
    const hash = hashOf(cookie);
    const texts = new Map<string, string>();
    for (const path of [
      "",
      "sessions",
      `sessions?${query}`,
      `sessions/${hash}`,
      `sessions/${hash}/end`,
      `users/end?${query}`,
    ])
      texts.set(path, (await page(`${site.url}/ops/${path}`)).text);
    for (const [path, text] of texts) {
      expect({ path, found: /[^\P{C}\n]/u.exec(text)?.[0] }).toEqual({ path, found: undefined });
      expect(text).not.toContain("<i>");
    }
    const shown = String.raw`ada\u202e\u2066\u0000\r\n\u001b[2J\u200b`;
    for (const path of ["sessions", `sessions/${hash}`, `users/end?${query}`]) expect(texts.get(path)).toContain(shown);
    const narrowed = await page(`${site.url}/ops/sessions/narrow?${query}`, form({ idle: "", larger: "10" }));
    expect(narrowed.headers.get("location")).toBe(`../sessions?${query}&larger=10`);
    const [, action] = /<form method="post" action="([^"]*)"/.exec(texts.get(`users/end?${query}`)!)!;
    const ended = await page(new URL(action!.replaceAll("&amp;", "&"), `${site.url}/ops/users/end`).href, form({}));
    expect(ended.headers.get("location")).toContain("ended=1");
    expect(await (await redis.client()).exists(`sess:${sidIn(cookie)}`)).toBe(0);
  });

  it("of a session of megabytes what people can read, how much is missing, and how to see all of it", async () => {
    const site = await open({ session: { prefix: "shop's:" } });
    const cookie = await site.visit({ user: "7", password: "hunter2" });
    const client = await redis.client();
    const items = Array.from({ length: 50_000 }, (_, i) => ({ id: i, name: `rope ${i}`, token: "hunter2" }));
    const stored = JSON.parse((await client.get(`shop's:${sidIn(cookie)}`))!);
    await client.set(`shop's:${sidIn(cookie)}`, JSON.stringify({ ...stored, items, last: { basket: ["hemp"] } }));
    const { status, text } = await page(`${site.url}/ops/sessions/${hashOf(cookie)}`);
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(300_000);
    expect(text).toMatch(/… [\d,]+ more items/);
    expect(text).toContain("hemp");
    expect(text).not.toContain("hunter2");
    expect(text).toContain(`npx holdfast sessions show ${hashOf(cookie).slice(0, 8)} --prefix 'shop'\\''s:'`);
    expect((await page(`${site.url}/ops/sessions/${hashOf(cookie)}/end`)).text).toContain("End session");
  });

  it("odd sessions are shown as they are: empty ones, deep ones, keys like parts of objects, markup", async () => {
    const client = await redis.client();
    const cookie = `"cookie":{"originalMaxAge":null,"path":"/"}`;
    const odd: [json: string, shown: string[]][] = [
      [`{${cookie}}`, [`&quot;path&quot;: &quot;/&quot;`]],
      [`{${cookie},"n":${"[".repeat(900)}${"]".repeat(900)}}`, ["… 1 item"]],
      [`{${cookie},"__proto__":{"a":1},"constructor":{"prototype":2}}`, ["__proto__", "constructor", "prototype"]],
      [`{${cookie},"l":[[{"token":"hunter2"},[{"password":["hunter2"]}]]]}`, ["token", "***"]],
      [`{${cookie},"</pre><script>alert(1)</script>":"<img src=x onerror=alert(1)>"}`, ["&lt;/pre>&lt;script"]],
      ["hunter2", ["cannot be read as a session"]],
    ];
    const site = await open();
    for (const [i, [json, shown]] of odd.entries()) {
      await client.set(`sess:odd-${i}`, json);
      const hash = createHash("sha256").update(`odd-${i}`).digest("hex");
      const { status, text } = await page(`${site.url}/ops/sessions/${hash}`);
      expect(status).toBe(200);
      for (const part of shown) expect(text).toContain(part);
      for (const never of ["hunter2", "<script>alert", "<img"]) expect(text).not.toContain(never);
      expect((await page(`${site.url}/ops/sessions/${hash}/end`)).status).toBe(200);
    }
  });

  it("what the doctor found, with the remedy in words and its commands as code", async () => {
    const site = await open();
    await (await redis.client()).configSet("timeout", "5");
    onTestFinished(async () => void (await (await redis.client()).configSet("timeout", "0")));
    const { text } = await page(`${site.url}/ops/redis`);
    expect(text).toMatch(/<p>Let connections stay open\.[^<]*<\/p><pre[^>]*><code>CONFIG SET timeout 0<\/code><\/pre>/);
    expect(text).not.toMatch(/<code>[^<]*\. /);
  });

  it("an encrypted session is found and shown like any other, with *** in place of secrets", async () => {
    const site = await open({ session: { encrypt: randomBytes(32) } });
    const cookie = await site.visit({ passport: { user: "u-1" }, password: "hunter2", rope: "of hemp" });
    expect(await (await redis.client()).get(`sess:${sidIn(cookie)}`)).toMatch(/^~2/);
    expect((await page(`${site.url}/ops/sessions?user=u-1`)).text).toContain("1 session.");
    const { text } = await page(`${site.url}/ops/sessions/${hashOf(cookie)}`);
    expect(text).toContain("of hemp");
    expect(text).toContain("&quot;password&quot;: &quot;***&quot;");
    expect(text).not.toContain("hunter2");
  });

  it("the first hundred sessions, at once, while there are more", async () => {
    const client = await redis.client();
    const value = JSON.stringify({ cookie: { originalMaxAge: null, path: "/" }, n: 1 });
    await Promise.all(
      Array.from({ length: 150 }, (_, i) => client.set(`sess:${i}`, value, { expiration: { type: "EX", value: 600 } })),
    );
    const site = await open();
    const { text } = await page(`${site.url}/ops/sessions`);
    expect(text.match(/<tr>/g)?.length).toBe(101);
    expect(text).toContain("The first 100 that were found. There are more.");
    expect((await page(`${site.url}/ops/sessions?larger=102400`)).text).toContain("No session was found.");
  });

  it("each page forbids everything but the console's own script and styles, and to be kept or framed", async () => {
    const site = await open();
    for (const path of ["", "sessions", "redis", "nothing-there", "events"]) {
      const abort = new AbortController();
      const { headers } = await fetch(`${site.url}/ops/${path}`, { signal: abort.signal });
      abort.abort();
      expect(headers.get("content-security-policy")).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("cache-control")).toContain("no-store");
    }
  });

  it(
    "503 with the reason while Redis is frozen, in bounded time, except for the page Now, which says so",
    { timeout: 60_000 },
    async () => {
      const site = await open();
      const cookie = await site.visit();
      redis.process.kill("SIGSTOP");
      onTestFinished(() => void redis.process.kill("SIGCONT"));
      const begun = Date.now();
      const [now, one, ended] = await Promise.all([
        page(`${site.url}/ops/`),
        page(`${site.url}/ops/sessions/${hashOf(cookie)}`),
        page(`${site.url}/ops/sessions/${hashOf(cookie)}/end`, form({})),
      ]);
      expect(now.status).toBe(200);
      expect(now.text).toContain("Redis does not answer");
      expect(one.status).toBe(503);
      expect(ended.text).toContain("Whether anything was done is not known");
      expect(Date.now() - begun).toBeLessThan(12_000);
      const list = await page(`${site.url}/ops/sessions`); // its head is sent before Redis is asked
      expect(list.text).toMatch(/class="note bad">0 sessions found, then:/);
      redis.process.kill("SIGCONT");
      await vi.waitFor(async () => expect((await page(`${site.url}/ops/sessions`)).text).toContain("1 session."), {
        timeout: 20_000,
        interval: 200,
      });
    },
  );
});

it("a process is counted once, whether its app calls pulse() not at all, before or after", async () => {
  for (const when of ["not at all", "before", "after"]) {
    const sessions = redisSession({ url: redis.url, secret });
    await sessions.ready();
    const running = when === "before" ? [pulse(sessions)] : [];
    const ops = operatorConsole({ sessions });
    if (when === "after") running.push(pulse(sessions));
    const seen = async () => (await readPulses(sessions)).processes.map(({ id }) => id);
    await vi.waitUntil(async () => (await seen()).length === 1, { timeout: 10_000, interval: 50 });
    if (when !== "not at all") expect(await seen()).toEqual([running[0]!.id]);
    await ops.close();
    for (const one of running) await one.stop();
    expect(await seen()).toEqual([]);
    await sessions.close();
  }
});

it("is live behind the session and the login that `authorize` looks at, and behind compression", async () => {
  const sessions = redisSession({ url: redis.url, secret });
  await sessions.ready();
  const ops = operatorConsole({ sessions, authorize: (req) => Reflect.get(req, "session").operator === true });
  const app = express();
  app.use(compression());
  app.use(sessions);
  app.get("/in", (req, res) => {
    Reflect.set(req.session, "operator", true);
    res.end();
  });
  app.use("/ops", ops);
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    await ops.close();
    server.closeAllConnections();
    server.close();
    await sessions.close();
  });
  expect((await fetch(`${url}/ops/events`)).status).toBe(403);
  const cookie = (await fetch(`${url}/in`)).headers.get("set-cookie")!.split(";")[0]!;
  const { body } = await fetch(`${url}/ops/events`, { headers: { cookie, "accept-encoding": "gzip" } });
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while ((text.match(/^data: /gm)?.length ?? 0) < 3) text += (await reader.read()).value;
  await reader.cancel();
});
