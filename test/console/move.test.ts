/** The page Migration: every step by its button, there and back, in a browser and without scripts; Redis frozen. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import express from "express";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { console as operatorConsole, type Console, type ConsoleOptions } from "holdfast/console";
import { onSignal } from "holdfast/ops";
import { MemorySource } from "../migrate/sources/memory-source.js";
import { look, loggedIn, twoStores, type Process, type TwoStores } from "../migrate/two-stores.js";
import { launchBrowser } from "../support/browser.js";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let stores: TwoStores;
let app: Process;
let pages: Console;
let server: Server;
let url: string;

async function open(options: { source?: boolean; auth?: ConsoleOptions["auth"] } = {}): Promise<void> {
  const source = options.source === false ? undefined : new MemorySource(stores.legacy);
  pages = operatorConsole({ sessions: app, moveKey: stores.key, authorize: () => "ada", source, auth: options.auth });
  server = createServer(express().use("/ops", pages)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ops`;
}

beforeEach(async () => {
  stores = await twoStores(redis);
  app = await stores.process();
});
afterEach(async () => {
  await pages.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await stores.close();
});

const post = (path: string, fields: Record<string, string> = {}) =>
  fetch(`${url}/${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "sec-fetch-site": "same-origin" },
    redirect: "manual",
  });
const page = async () => (await fetch(`${url}/move`)).text();
/** The titles of the steps in this state. */
const steps = (text: string, state: string) =>
  [...text.matchAll(new RegExp(`<li class="${state}"[^>]*><div><h2>([^<]*)`, "g"))].map(([, title]) => title);
const settled = () =>
  vi.waitUntil(async () => !(await page()).includes("data-busy"), { timeout: 20_000, interval: 50 });

async function press(action: string, fields: Record<string, string> = {}): Promise<void> {
  const { status, headers } = await post(`move/${action}`, fields);
  expect([status, headers.get("location")?.split("#")[0]]).toEqual([303, "../move"]);
  await settled();
}

describe("without scripts", () => {
  it("start, backfill, verify, 10, 50, 100, finish: each is ticked, the next one is marked, nobody is logged out", async () => {
    await open();
    const heard: unknown[] = [];
    onTestFinished(onSignal("operator", ({ action, operator }) => heard.push([action, operator])));
    const visitors = await Promise.all(Array.from({ length: 12 }, (_, i) => loggedIn(app.site, `v${i}`)));
    expect(steps(await page(), "next")).toEqual(["Start"]);
    const order = [
      ["start"],
      ["backfill"],
      ["verify", { repair: "yes" }],
      ["set", { dial: "10" }],
      ["set", { dial: "50" }],
    ] as const;
    const titles = ["Start", "Backfill", "Verify", "Dial to 10", "Dial to 50", "Dial to 100", "Finish"];
    for (const [i, [action, fields]] of order.entries()) {
      await press(action, { ...fields });
      const text = await page();
      expect(steps(text, "done")).toEqual(titles.slice(0, i + 1));
      expect(steps(text, "next")).toEqual([titles[i + 1]]);
      for (const [n, visitor] of visitors.entries()) expect((await look(visitor)).user).toBe(`v${n}`);
    }
    await press("set", { dial: "100" });
    await press("verify", { repair: "yes" });
    await press("finish");
    expect(steps(await page(), "done")).toEqual(titles);
    expect(await page()).toContain("The migration is finished");
    expect((await stores.control.read()).phase).toBe("finished");
    for (const [n, visitor] of visitors.entries()) expect((await look(visitor)).user).toBe(`v${n}`);
    expect(heard).toContainEqual(["migration-finish", "ada"]);
  }, 60_000);

  it("and back again, after a question", async () => {
    await open();
    const visitor = await loggedIn(app.site, "back");
    await press("start");
    await press("verify", { repair: "yes" });
    await press("set", { dial: "10" });
    expect(await (await fetch(`${url}/move/rollback`)).text()).toContain("Roll back the migration?");
    await press("rollback");
    expect((await stores.control.read()).phase).toBe("off");
    expect((await look(visitor)).user).toBe("back");
  }, 60_000);

  it("says how many sessions are in Redis as soon as a backfill has ended", async () => {
    await open();
    await loggedIn(app.site, "early");
    const inRedis = async () => /<dt>In Redis<\/dt><dd><b>([^<]*)/.exec(await page())?.[1];
    await vi.waitUntil(async () => (await inRedis()) === "0", { timeout: 10_000, interval: 50 });
    await press("start");
    await press("backfill");
    await vi.waitUntil(async () => (await inRedis()) === "1", { timeout: 5000, interval: 50 });
  });

  it("a user's logins are ended while the sessions are in two stores, and that is what is said", async () => {
    const ended: string[] = [];
    await open({ auth: { endLogins: async (user) => void ended.push(user) } });
    await press("start");
    const { headers } = await post("users/end?user=7");
    expect(ended).toEqual(["7"]);
    const shown = await fetch(new URL(headers.get("location")!, `${url}/users/end`));
    expect(await shown.text()).toContain("All logins of this user ended.");
  });

  it("what is refused says why beside its button, and changes nothing", async () => {
    await open();
    await press("finish");
    expect(await page()).toMatch(/class="outcome refused" id="finish-outcome">[^<]*not begun/);
    for (const dial of ["", "101", "-1", "1e1", "ten"]) expect((await post("move/set", { dial })).status).toBe(422);
    expect((await stores.control.read()).phase).toBe("off");
    expect((await post("move/start", {})).status).toBe(303);
    const forged = await fetch(`${url}/move/rollback`, { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
    expect(forged.status).toBe(403);
  });

  it("one step at a time, also when two operators press at once", async () => {
    await open();
    const answers = await Promise.all([post("move/start"), post("move/start"), post("move/start")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409, 409]);
    await settled();
    expect(steps(await page(), "done")).toEqual(["Start"]);
  });

  it("without `source` it shows the migration, and takes no step", async () => {
    await open({ source: false });
    await stores.move.start();
    expect(steps(await page(), "next")).toEqual(["Backfill"]);
    expect(await page()).not.toContain("<button");
    for (const path of ["move/start", "move/finish", "move/rollback"]) expect((await post(path)).status).toBe(404);
  });

  it("Redis frozen: what was last known, marked as old; then it goes on", async () => {
    await open();
    await press("start");
    redis.process.kill("SIGSTOP");
    onTestFinished(() => void redis.process.kill("SIGCONT"));
    const text = await page();
    expect(text).toContain("What is shown below is old");
    expect(text).toContain("data-old");
    expect(steps(text, "done")).toEqual(["Start"]);
    redis.process.kill("SIGCONT");
    await vi.waitUntil(async () => !(await page()).includes("data-old"), { timeout: 20_000, interval: 100 });
  }, 60_000);
});

describe.skipIf(!chromiumPath)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function visit(options: object = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const tab = await context.newPage();
    await tab.goto(`${url}/move`);
    return tab;
  }

  it("a step taken elsewhere appears by itself, and what is checked stays checked", async () => {
    await open();
    const tab = await visit();
    await tab.getByLabel("repair").check();
    await stores.move.start();
    await tab.getByRole("heading", { name: "Start ✓ done" }).waitFor();
    // asked once: it stays
    expect(await tab.getByLabel("repair").isChecked()).toBe(true);
    await tab.getByRole("button", { name: "Backfill" }).click();
    await tab.getByRole("heading", { name: "Backfill ✓ done" }).waitFor();
    await tab.getByText(/rows? checked/).waitFor();
  });

  it.each([["light"], ["dark"]] as const)(
    "axe finds nothing, %s, and a phone has no sideways scrolling",
    async (colorScheme) => {
      await open();
      await stores.move.start();
      const tab = await visit({ bypassCSP: true, colorScheme, viewport: { width: 390, height: 800 } });
      await expect.poll(() => tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      await tab.evaluate(axe.source);
      const { violations } = (await tab.evaluate("axe.run()")) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    },
  );
});
