/** What the program of each page in docs/frameworks has to do: the same for all frameworks. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import type { TestRedis } from "../../support/servers/redis-server.js";

const folder = new URL("../../../docs/frameworks/", import.meta.url);

/** The programs of a page, with the file name in their first line. */
export function programsOf(page: string): { name: string; text: string }[] {
  const source = readFileSync(fileURLToPath(new URL(`${page}.md`, folder)), "utf8");
  const blocks = [...source.matchAll(/^```(?:js|jsx|ts)\n\/\/ ([\w./-]+)[^\n]*\n([^]*?)^```$/gm)];
  return blocks.map(([, name, text]) => ({ name: name!, text: text! }));
}

/** Runs a program that serves pages on this port, until it is killed. */
export async function serveProgram(
  file: string,
  port: number,
  redis: TestRedis,
  { cwd, env: more = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<ChildProcess> {
  const secret = "a secret of at least 32 characters";
  const env = { ...process.env, NODE_ENV: "test", REDIS_URL: redis.url, SESSION_SECRET: secret, ...more };
  const output: string[] = [];
  const server = spawn(process.execPath, [file], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text: Buffer) => output.push(String(text)));
  const answers = async () => {
    if (server.exitCode !== null) throw new Error(`the program ended:\n${output.join("")}`);
    await fetch(`http://127.0.0.1:${port}/`);
  };
  await vi.waitFor(answers, { timeout: 30_000, interval: 50 }).catch((error: unknown) => {
    server.kill("SIGKILL");
    throw new Error(`it does not serve pages:\n${output.join("")}`, { cause: error });
  });
  return server;
}

export interface Served {
  readonly url: string;
  readonly redis: TestRedis;
}

interface Differences {
  /** How a visit is counted. */
  visit?: { path: string; method: string };
  logOut?: boolean;
  /** Whether the last test stops the Redis, as by default; otherwise it is left out. */
  stops?: boolean;
  /** What the body of the count looks like. */
  counted?: (views: number) => string;
}

const timeout = () => AbortSignal.timeout(10_000);

/** The tests. The last one stops the Redis of the page. */
export function keepsThePromises(served: () => Served, differences: Differences = {}): void {
  const { visit: how = { path: "/", method: "GET" }, logOut = true, stops = true } = differences;
  const counted = differences.counted ?? ((views: number) => `You have been here ${views} times.\n`);
  const send = (method: string, path: string, cookie: string) =>
    fetch(served().url + path, { method, headers: { cookie }, signal: timeout() });
  const visit = (cookie = "") => send(how.method, how.path, cookie);
  const cookieOf = (response: Response) =>
    response.headers
      .getSetCookie()
      .find((line) => /^[\w.]+=s?[^;]{20}/.test(line))
      ?.split(";")[0] ?? "";
  const begin = async () => cookieOf(await visit());

  it("a visitor is counted", async () => {
    const first = await visit();
    expect([first.status, await first.text()]).toEqual([200, counted(1)]);
    expect(await (await visit(cookieOf(first))).text()).toBe(counted(2));
  });

  it("20 requests at once lose nothing", async () => {
    const cookie = await begin();
    const responses = await Promise.all(Array.from({ length: 20 }, () => visit(cookie)));
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await (await visit(cookie)).text()).toBe(counted(22));
  });

  it.runIf(logOut)("a session that was logged out stays dead, whatever overlaps with the logout", async () => {
    for (let round = 0; round < 5; round++) {
      const cookie = await begin();
      const visits = Array.from({ length: 10 }, () => visit(cookie));
      expect(await (await send("POST", "/logout", cookie)).text()).toBe("Bye.\n");
      await Promise.all(visits);
      expect(await (await visit(cookie)).text()).toBe(counted(1));
    }
  });

  it("a save that fails is 503 with Retry-After and no success, and nobody else is hurt", async () => {
    const cookie = await begin();
    const client = await served().redis.client();
    await client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });
    const responses = await Promise.all(Array.from({ length: 5 }, () => visit(cookie)));
    await client.configSet("maxmemory", "0");
    for (const response of responses) {
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(await response.text()).not.toMatch(/times|Redis/);
    }
    expect(await (await visit(cookie)).text()).toBe(counted(2));
  });

  it.runIf(stops)("without Redis, pages are 503 with Retry-After, and the message stays in the log", async () => {
    const cookie = await begin();
    await served().redis.stop();
    const response = await visit(cookie);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.text()).not.toMatch(/times|Redis/);
  });
}
