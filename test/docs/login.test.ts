/** docs/login.md: its program runs, and its tables say what the code says. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { freePort } from "../support/servers/free-port.js";
import { useRedis } from "../support/servers/use-redis.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const source = (path: string) => readFileSync(join(root, path), "utf8");
const page = source("docs/login.md");

describe("the program", () => {
  const redis = useRedis();
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const program = /```js\n(\/\/ server\.mjs\n[^]*?)```/.exec(page)![1]!.replace("3000", String(port));
    mkdirSync(join(root, ".build"), { recursive: true });
    const file = join(root, ".build", "login.mjs"); // inside the package, so that `holdfast` is this one, as built
    writeFileSync(file, program);
    server = spawn(process.execPath, [file], { stdio: "ignore", env: { ...process.env, REDIS_URL: redis.url } });
    await vi.waitFor(() => fetch(url), { timeout: 30_000 });
  });
  afterAll(async () => {
    server.kill();
  });

  const ada = { username: "Ada", password: "correct horse" };

  /** Somebody with a browser. */
  function visitor() {
    let cookie = "";
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { accept: "text/html", cookie, ...(init.headers as Record<string, string>) };
      const response = await fetch(url + path, { redirect: "manual", ...init, headers });
      for (const line of response.headers.getSetCookie()) cookie = line.split(";")[0]!;
      return { status: response.status, to: response.headers.get("location"), body: await response.text() };
    };
    return {
      get: (path: string) => ask(path),
      post: (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
        ask(path, { method: "POST", body: new URLSearchParams(fields), headers }),
    };
  }

  test("registers, logs in and out, ends devices, changes the password, and refuses what it should", async () => {
    const laptop = visitor();
    expect((await laptop.get("/account")).to).toBe("/login?next=%2Faccount");
    expect((await laptop.get("/login?next=%2Faccount")).body).toContain('name="next" value="/account"');
    expect((await laptop.get("/login?next=%22%3E%3Cscript%3E&error=%3Cscript%3E")).body).not.toContain("<script>");
    expect((await laptop.post("/register", { ...ada, password: "password" })).to).toBe(
      "/register?error=password-common",
    );
    expect(await laptop.post("/register", { ...ada, next: "/account" })).toMatchObject({ status: 303, to: "/account" });
    expect((await laptop.get("/")).body).toContain("Hello Ada.");

    const phone = visitor();
    expect((await phone.post("/login", { ...ada, password: "wrong horse" })).to).toBe("/login?error=wrong");
    expect((await phone.post("/login", { ...ada, remember: "on" })).to).toBe("/");
    const [, device] = /value="([^"]+)">/.exec((await phone.get("/account")).body)!;
    expect((await phone.post("/account/end-device", { device: device! })).to).toBe("/account");
    expect((await laptop.get("/")).body).not.toContain("Hello");

    await laptop.post("/login", ada);
    expect((await phone.post("/account/end-others")).to).toBe("/account");
    expect((await laptop.get("/")).body).not.toContain("Hello");
    await laptop.post("/login", ada);
    expect((await phone.post("/account/password", { current: ada.password, password: "better horse" })).to).toBe(
      "/account",
    );
    expect((await laptop.get("/")).body).not.toContain("Hello");
    expect((await phone.get("/")).body).toContain("Hello Ada.");
    expect((await phone.post("/logout")).to).toBe("/");
    expect((await phone.get("/")).body).not.toContain("Hello");
  });

  test("a form of another site is refused", async () => {
    const foreign = { "sec-fetch-site": "cross-site" };
    expect((await visitor().post("/login", ada, foreign)).status).toBe(403);
    expect((await visitor().post("/login", ada, { "sec-fetch-site": "same-origin" })).status).toBe(303);
    // Over plain HTTP browsers do not say so in Sec-Fetch-Site.
    expect((await visitor().post("/login", ada, { origin: "http://evil.example" })).status).toBe(403);
    expect((await visitor().post("/login", ada, { origin: url })).status).toBe(303);
  });
});

/** The rows of the table whose first column has this heading. */
function rows(column: string): string[][] {
  const lines = page.split("\n");
  const header = lines.findIndex((line) => line.startsWith(`| ${column} `));
  const end = lines.findIndex((line, index) => index > header && !line.startsWith("|"));
  return lines.slice(header + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const named = (cells: string[]) => cells.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!));

describe("the tables", () => {
  test("name every option of localAuth", () => {
    const [, body] = /export interface LocalAuthOptions \{([^]*?)\n\}/.exec(source("lib/auth/auth-options.ts"))!;
    const options = [...body!.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
    expect(named(rows("option").map(([name]) => name!))).toEqual(options);
  });

  test("name every reason, with its status", () => {
    const [, body] = /const statuses: [^{]*\{([^]*?)\n\}/.exec(source("lib/auth/http/handled-actions.ts"))!;
    const statuses = [...body!.matchAll(/"?([\w-]+)"?: (\d+),/g)].map(([, reason, status]) => [reason, status]);
    expect(rows("reason").map(([reason, status]) => [...named([reason!]), status])).toEqual(statuses);
  });

  test("name every event", () => {
    const [, body] = /export interface AuthEvents \{([^]*?)\n\}/.exec(source("lib/auth/events.ts"))!;
    const events = [...body!.matchAll(/^ {2}"?([\w-]+)"?: \[/gm)].map(([, name]) => name);
    expect(named(rows("event").map(([name]) => name!)).toSorted()).toEqual(events.toSorted());
  });

  test("name every limit of the throttle, with its default", () => {
    const text = source("lib/auth/throttle/throttle.ts");
    const [, body] = /export interface ThrottleOptions \{([^]*?)\n\}/.exec(text)!;
    const options = [...body!.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
    expect(named(rows("limit").map(([name]) => name!))).toEqual(options);
    const limits = [...text.matchAll(/"(per\w+)", options\.\w+ \?\? (\{ attempts: \d+, window: [^}]+ \})/g)];
    expect(limits).toHaveLength(5);
    const seconds = { minutes: "60", hours: "3600", "15 * minutes": "900" } as Record<string, string>;
    for (const [, name, limit] of limits) {
      const inSeconds = limit!.replace(/window: (.+) \}/, (_, window: string) => `window: ${seconds[window]} }`);
      expect(rows("limit").find(([cell]) => cell === `\`${name}\``)![1]).toBe(`\`${inSeconds}\``);
    }
  });
});

describe("what an editor shows of the options", () => {
  const files = readdirSync(join(root, "lib/auth"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => source(`lib/auth/${name}`));
  const interfaces = files.flatMap((text) => [...text.matchAll(/export interface (\w+Options)\b[^{]*\{([^]*?)\n\}/g)]);
  const options = interfaces.flatMap(([, name, body]) =>
    [...body!.matchAll(/(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n)? {2}(?:readonly )?(\w+)\?:/g)].map(
      ([, comment, option]) => ({
        option: `${name}.${option}`,
        comment: comment ?? "",
      }),
    ),
  );
  const internal = ["DeviceListOptions"];
  // What somebody has typed has no default.
  const typed = ["LogInOptions.username", "LogInOptions.password"];
  const shown = options.filter(({ option }) => !internal.includes(option.split(".")[0]!) && !typed.includes(option));

  test("is found", () => expect(shown.length).toBeGreaterThan(30));

  test.each(["@default", "@example"])("has %s for each", (tag) => {
    const silent = shown.filter(({ comment }) => !comment.includes(tag)).map(({ option }) => option);
    expect(silent).toEqual([]);
  });
});
