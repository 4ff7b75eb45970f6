/** The documentation as a site: `npm run docs` builds it, and it works in a browser, below a path, without the internet. */
import axe from "axe-core";
import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { codes, HoldfastError } from "../../lib/errors/index.js";
import { launchBrowser } from "../support/browser.js";
import { chromiumPath } from "../support/programs.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { homepage: string };
/** The path under which it is published. */
const base = new URL(homepage).pathname;
let folder: string;
let built: { code: number | null; output: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-docs-"));
  const script = ["scripts/docs.mjs", "--base", base, "--out", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { cwd: root, encoding: "utf8" });
  built = { code: status, output: stdout + stderr };
}, 300_000); // ten seconds on a machine that does nothing else
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const html = (page: string) => readFileSync(join(folder, page), "utf8");

describe("`npm run docs`", () => {
  it("builds the site, and finds no dead link or anchor in it", () => {
    expect(built).toMatchObject({ code: 0, output: expect.stringContaining("The site is in") });
    expect(built.output).not.toMatch(/warn|is not loaded/i);
  });

  it("leaves nothing behind but the site", () => {
    expect(readdirSync(join(root, ".build")).filter((name) => name.startsWith("site-"))).toEqual([]);
    expect(existsSync(join(root, "docs/api"))).toBe(false);
  });

  it("makes a page of every document, with its way back to the sources", () => {
    const documents = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
    for (const document of documents.filter((name) => name.endsWith(".md") && name !== "index.md")) {
      const page = html(document.replace(/\.md$/, ".html"));
      const isComplete =
        page.includes(`/edit/main/docs/${document}"`) && /<meta name="description" content="[^"]{20}/.test(page);
      expect({ document, isComplete }).toEqual({ document, isComplete: true });
    }
  });

  it("has the section to which the help of each error leads", () => {
    const helps = Object.values(codes).map((code) => new URL(new HoldfastError(code, "").help));
    expect(helps.length).toBeGreaterThan(40);
    for (const { origin, pathname, hash } of helps) {
      expect(origin + base).toBe(homepage);
      expect(html(pathname.slice(base.length))).toContain(` id="${hash.slice(1)}"`);
    }
  });

  it("lists every page where it is published, with the date of its last change if the history tells it", () => {
    const map = readFileSync(join(folder, "sitemap.xml"), "utf8");
    const listed = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => address!);
    const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
    const addresses = pages
      .filter((name) => name !== "404.html")
      .map((name) => homepage + name.replace(/(^|\/)index\.html$/, "$1"));
    expect(listed.toSorted()).toEqual(addresses.toSorted());
    for (const [, date] of map.matchAll(/<lastmod>([^<]+)<\/lastmod>/g))
      expect(Date.parse(date!)).toBeLessThanOrEqual(Date.now());
  });

  it("tells search engines and previews of links what each page is about", () => {
    const page = html("guides/hosts.html");
    const contentOf = (property: string) =>
      new RegExp(`<meta property="${property}" content="([^"]+)"`).exec(page)?.[1];
    expect(page).toContain(`<link rel="canonical" href="${homepage}guides/hosts.html">`);
    expect(contentOf("og:title")).toBe("Hosts");
    expect(contentOf("og:description")).toBe(/<meta name="description" content="([^"]+)"/.exec(page)![1]);
    expect(contentOf("og:image")).toBe(`${homepage}card.png`);
    expect(html("index.html")).toContain("<title>Holdfast | Sessions in Redis for Express and Connect</title>");
    expect(html("404.html")).toContain('<meta name="robots" content="noindex">');
  });

  it("makes a page of every entry of the package, with a section for every name that it exports", async () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      exports: Record<string, object>;
    };
    const entries = Object.keys(exports).filter((path) => path !== "./package.json");
    for (const path of entries) {
      const name = path === "." ? "holdfast" : path.slice(2);
      const page = html(`api/${name}.html`);
      const report = readFileSync(join(root, "etc", `holdfast${path === "." ? "" : `-${name}`}.api.md`), "utf8");
      const declared = report.matchAll(/^export (?:declare )?(?:function|const|class|interface|type) (\w+)/gm);
      const missing = [...declared].map(([, one]) => one!).filter((one) => !page.includes(` id="${one}"`));
      expect({ path, missing }).toEqual({ path, missing: [] });
    }
  });

  it("shows defaults, errors, units and examples in the API", () => {
    const page = html("api/holdfast.html")
      .replaceAll(/<[^>]+>/g, "")
      .replaceAll("&quot;", '"');
    expect(page).toContain('"error" | "anonymous" · default: "error"');
    expect(page).toMatch(/Throws HoldfastError HOLDFAST_CLIENT_INVALID/);
    expect(page).toContain("const session = await store.get(sid);");
    expect(html("api/holdfast.html")).toMatch(/href="[./]+\/errors\.html#session_contended"/);
  });
});

/** What people type, and where the first result leads. */
const searches: [words: string, leadsTo: RegExp][] = [
  ["logged out", /guides\/troubleshooting\.html#logged-out$/],
  ["why is the user logged out", /guides\/troubleshooting\.html|runbook\.html/],
  ["503", /runbook\.html#visitors-get-503$/],
  ["ECONNREFUSED", /errors\.html|guides\/troubleshooting\.html#errors$/],
  ["MaxRetriesPerRequestError", /errors\.html#reasons$|guides\/troubleshooting\.html#errors$/],
  ["cookie secure behind proxy", /guides\/(proxies|troubleshooting)\.html/],
  ["CORS", /guides\/single-page-apps\.html/],
  ["saveUninitialized", /saveUninitialized$/],
  ["resave", /resave$/],
  ["ttl", /ttl/i],
  ["connect-redis legacy", /guides\/from-connect-redis\.html#the-client$/],
  ["memory leak MemoryStore", /swapping\.html#from-MemoryStore$/i],
  ["logged out randomly", /guides\/troubleshooting\.html#logged-out$/],
  ["session lost update", /guides\/troubleshooting\.html#data-is-missing$/],
  ["concurrent requests overwrite session", /guides\/troubleshooting\.html#data-is-missing$/],
  ["EROFS: read-only file system", /guides\/troubleshooting\.html#errors$/],
  [
    "READONLY You can't write against a read only replica.",
    /guides\/troubleshooting\.html#errors$|errors\.html#reasons$/,
  ],
  ["Property 'user' does not exist on type 'Session & Partial<SessionData>'", /guides\/typescript\.html/],
  ["req.session is undefined", /guides\/troubleshooting\.html#reqsession-is-undefined$/],
  ["session not saved before redirect", /guides\/troubleshooting\.html#data-is-missing$/],
  ["connect-mongo", /guides\/from-connect-mongo\.html/],
  ["rolling", /rolling$/],
  ["socket.io", /sockets\.html/],
  ["websocket", /sockets\.html/],
  ["CORS credentials", /guides\/single-page-apps\.html/],
  ["upstash", /guides\/hosts\.html#upstash/],
  ["AWS lambda", /guides\/hosts\.html#serverless-functions$/],
  ["sticky sessions", /guides\/troubleshooting\.html#logged-out$/],
  ["multi tenant", /guides\/tenants\.html/],
  ["express-rate-limit", /guides\/other-middleware\.html#rate-limits$/],
  ["csrf token", /guides\/other-middleware\.html/],
  ["flash messages", /guides\/other-middleware\.html/],
  ["server-sent events SSE", /guides\/other-middleware\.html/],
  ["log out everywhere", /sessions\.html/],
  ["delete all sessions of a user", /sessions\.html/],
];

describe.skipIf(!chromiumPath)("in a browser", () => {
  let server: Server;
  let browser: Browser;
  let origin: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    server = createServer((req, res) => {
      const path = decodeURI(new URL(req.url!, "http://site").pathname);
      const file = join(folder, path.slice(base.length), path.endsWith("/") ? "index.html" : "");
      if (!path.startsWith(base) || !existsSync(file) || statSync(file).isDirectory()) {
        res.writeHead(404, { "Content-Type": types[".html"] }); // as GitHub Pages does
        return createReadStream(join(folder, "404.html")).pipe(res);
      }
      res.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream");
      return createReadStream(file).pipe(res);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    const heard = complaints.splice(0);
    if (heard.length > 0) throw new Error(`the browser complained: ${heard.join("; ")}`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    return openIn(context, path);
  }

  async function openIn(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}${base}`) && !request.url().startsWith("data:"))
        complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(`${origin}${base}${path}`, { waitUntil: "networkidle" });
    await isAlive(page);
    return page;
  }

  /** The script of the page has begun: it gives the switch its title. */
  const isAlive = (page: Page) =>
    page.locator(".VPSwitchAppearance[title^=Switch]").first().waitFor({ state: "attached" });

  async function search(page: Page, words: string): Promise<void> {
    await page.keyboard.press("Control+k");
    await page.locator(".VPLocalSearchBox input").fill(words);
    await page.locator(".VPLocalSearchBox .result").first().waitFor();
  }

  it.each([
    ["tombstone", "Glossary", /architecture\.html#glossary$/],
    ["SESSION_CONTENDED", "SESSION_CONTENDED", /errors\.html#session_contended$/],
    ["RedisAccountsOptions commandTimeout", "commandTimeout?", /api\/auth\.html#RedisAccountsOptions\.commandTimeout$/],
  ])("a search for %s leads to the section that explains it", async (words, title, url) => {
    const page = await open("");
    await search(page, words);
    const result = page.locator(".VPLocalSearchBox .result", { hasText: title }).first();
    await result.click();
    await page.waitForURL(url);
    // The address changes before the page is there.
    const isThere = "document.getElementById(decodeURIComponent(location.hash.slice(1))) !== null";
    await expect.poll(() => page.evaluate(isThere), { timeout: 10_000 }).toBe(true);
  });

  describe("one reader after the other", () => {
    let page: Page;
    beforeAll(async () => {
      page = await openIn(await browser.newContext(), "");
      await search(page, "cookie");
    });
    afterAll(() => page.context().close());

    it.each(searches)("a search for %s begins with %s", async (words, expected) => {
      const input = page.locator(".VPLocalSearchBox input");
      const results = page.locator(".VPLocalSearchBox .result");
      await input.fill("");
      await expect.poll(() => results.count()).toBe(0);
      await input.fill(words);
      await expect.poll(() => results.first().getAttribute("href")).toMatch(expected);
    });
  });

  it("an address that does not exist leads to a page with the search and the way back", async () => {
    const page = await open("");
    await page.goto(`${origin}${base}guides/gone.html`, { waitUntil: "networkidle" });
    await isAlive(page);
    expect(complaints.splice(0)).toEqual([expect.stringContaining("404")]);
    await page.getByRole("heading", { name: "There is no page here" }).waitFor();
    await search(page, "logged out");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "The first page" }).click();
    await page.waitForURL(`${origin}${base}`);
  });

  it("a reader goes on from page to page, with keys and links, in dark if they like", async () => {
    const page = await open("");
    await page.getByRole("link", { name: "Switch from connect-redis" }).click();
    await page.waitForURL(/swapping\.html$/);
    await page.locator(".pager-link.next").click();
    await page.waitForURL((url) => !url.pathname.endsWith("swapping.html"));
    await page.locator(".VPNavBarAppearance button").click();
    await expect.poll(() => page.evaluate("document.documentElement.classList.contains('dark')")).toBe(true);
    await page.reload();
    await expect.poll(() => page.evaluate("document.documentElement.classList.contains('dark')")).toBe(true);
  });

  it("code is copied by its button", async () => {
    const page = await open("", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator(".language-sh").first().hover();
    await page.locator(".language-sh button.copy").first().click();
    await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe("npm i holdfast");
  });

  it("no page scrolls sideways on a phone, however wide its tables are", { timeout: 120_000 }, async () => {
    const page = await open("", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
    const wide: string[] = [];
    for (const path of pages.filter((name) => name !== "404.html")) {
      await page.goto(`${origin}${base}${path}`, { waitUntil: "load" });
      if (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) wide.push(path);
    }
    expect(wide).toEqual([]);
  });

  it.each([
    ["light", "light"],
    ["dark", "dark"],
  ] as const)("axe finds nothing: %s", { timeout: 120_000 }, async (_name, colorScheme) => {
    const page = await open("", { colorScheme, viewport: { width: 1440, height: 900 } });
    const kinds = [
      "",
      "architecture.html",
      "life-of-a-request.html",
      "guides/troubleshooting.html",
      "api/console.html",
    ];
    for (const path of [...kinds, "guides/gone.html"]) {
      await page.goto(`${origin}${base}${path}`, { waitUntil: "networkidle" });
      await isAlive(page);
      // asked once: the page is whole by now
      expect({ path, violations: await violationsOf(page) }).toEqual({ path, violations: [] });
    }
    expect(complaints.splice(0)).toEqual([expect.stringContaining("404")]);
    await search(page, "cookie");
    // Its results are links in options of a list: VitePress moves through them with the arrows, and opens one with Enter.
    const found = await violationsOf(page);
    expect(found.filter(([id]) => id !== "nested-interactive")).toEqual([]);
  });

  async function violationsOf(page: Page): Promise<[id: string, html: string | undefined][]> {
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    return violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
  }
});

const types: Record<string, string> = {
  ".css": "text/css",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
