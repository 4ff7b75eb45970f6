/** `holdfast sessions` as a program: what it prints, asks, refuses, and returns. */
// cspell:ignore Jada
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RedisSessionStore } from "holdfast";
import { MoveControl } from "holdfast/migrate";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, commandLine, ownEnvironment, paste, runCommand, startCommand } from "./command.js";
import { hasTerminal, keys, runOnTerminal } from "./terminal.js";
import { ofNoSession } from "../../lib/cli/sessions/nothing.js";

const server = useRedis();
const folder = mkdtempSync(join(tmpdir(), "holdfast-sessions-"));
const file = (name: string) => join(folder, name);
let client: RedisClientType;
beforeAll(async () => {
  await buildCommand();
  client = await server.client();
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await client.flushAll();
});

const label = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 8);
const sessions = (...args: string[]) => runCommand(["sessions", ...args, "--redis", server.url]);

async function store(id: string, values: object, { written = 0, prefix = "sess:" } = {}) {
  const expires = new Date(Date.now() + 3_600_000 - written * 1000);
  const text = JSON.stringify({ cookie: { originalMaxAge: 3_600_000, expires, path: "/" }, ...values });
  await client.set(`${prefix}${id}`, text, { EX: 3600 - written });
  return Buffer.byteLength(text);
}

describe("list", () => {
  it("prints a line for each session, with tabs for programs, and the count on stderr", async () => {
    const size = await store("a", { passport: { user: "7" } }, { written: 600 });
    await store("b", { note: "x".repeat(2000) });
    await client.set("sess:rubbish", "rubbish");
    const { code, stdout, stderr } = await sessions("list");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(lines.every((line) => line.length === 6)).toBe(true);
    expect(lines).toContainEqual([
      label("a"),
      "7",
      "",
      expect.stringMatching(/^60[0-5]$/),
      expect.any(String),
      `${size}`,
    ]);
    expect(lines).toContainEqual([label("rubbish"), "", "", "", "", "7"]);
    expect([code, stderr.split("\n")]).toEqual([
      0,
      [
        "3 sessions.",
        expect.stringMatching(
          /^1 of them cannot be read as a session \(with your own serializer, use --serializer; .*\)\.$/,
        ),
        "",
      ],
    ]);
  });

  it("--json prints an object for each, in which null is what is not known", async () => {
    const size = await store("a", { passport: { user: "7" } });
    const { stdout } = await sessions("list", "--json");
    expect(stdout.split("\n")).toEqual([expect.any(String), ""]);
    expect(JSON.parse(stdout)).toEqual({
      session: label("a"),
      user: "7",
      username: null,
      age: null,
      idle: expect.any(Number),
      ttl: expect.any(Number),
      size,
      isReadable: true,
    });
  });

  it.each<[filter: string[], listed: string[], said: string]>([
    [["--user", "7"], ["a", "c"], "2 sessions."],
    [["--user", "nobody"], [], `0 sessions.\n${ofNoSession}`],
    [["--idle", "5m"], ["a"], "1 session.\n1 was left out: not known when last in use."],
    [["--larger-than", "1kb"], ["b"], "1 session."],
    [["--user", "7", "--idle", "10s"], ["a"], "1 session.\n1 was left out: not known when last in use."],
    [["--ttl", "1d", "--idle", "2h"], ["c"], "1 session."],
  ])("%j", async (filter, listed, said) => {
    await store("a", { passport: { user: "7" } }, { written: 600 });
    await store("b", { note: "x".repeat(2000) });
    await client.set("sess:c", '{"cookie":{"originalMaxAge":null,"expires":null},"passport":{"user":7}}', { EX: 3600 });
    const { code, stdout, stderr } = await sessions("list", ...filter);
    expect(
      stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split("\t")[0])
        .sort(),
    ).toEqual(listed.map(label).sort());
    expect([code, stderr]).toEqual([0, `${said}\n`]);
  });

  it("--larger-than leaves out a session of exactly that size", async () => {
    const size = await store("a", { note: "x".repeat(100) });
    const listed = async (bytes: number) => (await sessions("list", "--larger-than", `${bytes}`)).stdout;
    expect(await listed(size)).toBe("");
    expect(await listed(size - 1)).toContain(label("a"));
  });

  it("nothing that a visitor has chosen reaches the terminal as a control character", async () => {
    await store("a", { passport: { user: "\u001b[2Jada\n\t\u202egpj.\u009b" } });
    const plain = await sessions("list");
    expect(plain.stdout.split("\t")[1]).toBe(String.raw`\u001b[2Jada\n\t\u202egpj.\u009b`);
    const json = await sessions("list", "--json");
    expect(json.stdout).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(json.stdout).user).toBe("\u001b[2Jada\n\t\u202egpj.\u009b");
    const shown = await sessions("show", label("a"));
    expect(shown.stdout).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it("`| head` ends it quietly", async () => {
    for (let n = 0; n < 3000; n++) void store(`id-${n}`, { passport: { user: n } });
    await client.ping();
    const line = commandLine(["sessions", "list", "--redis", server.url]);
    const ended = await paste(`${line} | head -n 2; echo "$?"`);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout.split("\n")).toHaveLength(4);
  });

  it("Ctrl-C stops it after what was printed, with exit code 130", async () => {
    for (let n = 0; n < 20_000; n++) void store(`id-${n}`, { passport: { user: n } });
    await client.ping();
    const child = spawn("sh", ["-c", `exec ${commandLine(["sessions", "list", "--redis", server.url])}`], {
      env: ownEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stderr.on("data", (piece) => (stderr += piece));
    child.stdout.on("data", (piece) => {
      if (stdout === "") child.kill("SIGINT");
      stdout += piece;
    });
    const code = await new Promise((done) => child.once("close", done));
    expect(code).toBe(130);
    const lines = stdout.split("\n").length - 1;
    expect(lines).toBeLessThan(20_000);
    expect(stderr).toMatch(new RegExp(`Stopping\\..*\\n${lines.toLocaleString("en-US")} sessions so far\\.\\n$`));
  });
});

describe("count, show", () => {
  it("count prints the number", async () => {
    await store("a", {});
    await client.set("sess:tombstone", "");
    expect(await sessions("count")).toMatchObject({ code: 0, stdout: "1\n", stderr: "" });
    expect(await sessions("count", "--json")).toMatchObject({ code: 0, stdout: '{"sessions":1}\n' });
    expect(await sessions("count", "--prefix", "shop:")).toMatchObject({ code: 0, stdout: "0\n" });
  });

  it("show prints the values, with *** in place of secrets, and never the id", async () => {
    await store("the-session-id", { passport: { user: "7" }, csrfToken: "hush", back: "the-session-id" });
    for (const extra of [[], ["--json"]]) {
      const { code, stdout, stderr } = await sessions("show", label("the-session-id"), ...extra);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).not.toMatch(/hush|the-session-id/);
      const data = JSON.parse(extra.length > 0 ? stdout : stdout.slice(stdout.indexOf("{")));
      expect(extra.length > 0 ? data.data : data).toMatchObject({
        csrfToken: "***",
        back: "***",
        passport: { user: "7" },
      });
    }
  });

  it("a session that is not there: exit code 1; what is no hash: exit code 2", async () => {
    expect(await sessions("show", "00000000")).toMatchObject({ code: 1, stderr: "There is no session 00000000.\n" });
    expect(await sessions("end", "00000000")).toMatchObject({ code: 1, stderr: "There is no session 00000000.\n" });
    const missing = await sessions("show", "00000000", "--json");
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: "NO_SUCH_SESSION" } });
    const { code, stderr } = await sessions("show", "s:the-session-id.signature");
    expect(code).toBe(2);
    expect(stderr).not.toContain("the-session-id");
  });
});

describe("end", () => {
  it("ends one, or those of a user", async () => {
    for (const id of ["a", "b", "c"]) await store(id, { passport: { user: id === "c" ? "8" : "7" } });
    expect(await sessions("end", label("a"))).toMatchObject({ code: 0, stderr: `Ended session ${label("a")}.\n` });
    expect(await client.keys("*")).toHaveLength(2);
    expect(await sessions("end", "--user", "7", "--json")).toMatchObject({
      code: 0,
      stdout: '{"ended":1,"logins":false,"unreadable":0}\n',
      stderr: "Ended 1 session.\n",
    });
    expect(await client.keys("*")).toEqual(["sess:c"]);
  });

  it.each([[[]], [["e2b33c50", "--user", "7"]]])("with %j it is not clear what to end", async (args) => {
    const { code, stderr } = await sessions("end", ...args);
    expect([code, stderr]).toEqual([2, "Name one session by its hash, or a user with --user. See --help.\n"]);
  });

  it("that there is none is said the second time, with exit code 1", async () => {
    await store("a", {});
    expect(await sessions("end", label("a"))).toMatchObject({ code: 0 });
    const again = await sessions("end", label("a"), "--json");
    expect(again).toMatchObject({ code: 1, stderr: `There is no session ${label("a")}.\n` });
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: "NO_SUCH_SESSION" } });
    expect(await sessions("end", "--user", "7")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Ended 0 sessions\.\n/),
    });
  });

  it.each([
    ["end", "--user", ""],
    ["list", "--user", " "],
    ["logins", ""],
  ])("a user that a script has left empty is wrong usage: %j", async (...args) => {
    await store("a", { passport: { user: "7" } });
    const { code, stdout, stderr } = await sessions(...args);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining("is empty")]);
    expect(await client.dbSize()).toBe(1);
  });

  it("is refused during a move, like clear and import, and says what to do", async () => {
    await store("a", { passport: { user: "7" } });
    await new MoveControl(client).change(0, { phase: "moving", dial: 0, version: 1 });
    writeFileSync(file("moving"), '{"format":"holdfast-sessions","version":1}\n');
    for (const args of [
      ["end", label("a")],
      ["end", "--user", "7"],
      ["clear", "--yes", "--prefix", "sess:"],
      ["import", file("moving")],
    ]) {
      const { code, stdout, stderr } = await sessions(...args, "--json");
      expect({ args, code, stderr }).toEqual({
        args,
        code: 1,
        stderr: expect.stringContaining("auth.endLogins(user)"),
      });
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "HOLDFAST_MOVE_REFUSED" } });
    }
    expect(await client.exists("sess:a")).toBe(1);
    expect(await sessions("list")).toMatchObject({ code: 0 });
  });
});

describe("export, import", () => {
  it("a file that only its owner can read, with all sessions; imported, it overwrites nothing", async () => {
    for (let n = 0; n < 500; n++) await store(`id-${n}`, { n });
    const path = file("sessions.jsonl");
    const { code, stdout, stderr } = await sessions("export", path);
    expect([code, stdout, stderr]).toEqual([
      0,
      "",
      expect.stringMatching(/^Exported 500 sessions to .+ whoever reads it/),
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(503);
    const again = await sessions("export", path);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("it exists, and is not overwritten")]);
    await client.del(Array.from({ length: 200 }, (_, n) => `sess:id-${n}`));
    await store("id-300", { n: "changed" });
    expect(await sessions("import", path)).toMatchObject({
      code: 0,
      stderr: "Imported 200 sessions.\n300 sessions were there already, and left as they are.\n",
    });
    expect(JSON.parse((await client.get("sess:id-5"))!)).toMatchObject({ n: 5 });
    expect(JSON.parse((await client.get("sess:id-300"))!)).toMatchObject({ n: "changed" });
    expect(await client.ttl("sess:id-5")).toBeGreaterThan(3500);
  });

  it("through a pipe, from one prefix to another", async () => {
    await store("a", { n: 1 });
    const from = commandLine(["sessions", "export", "-", "--redis", server.url]);
    const to = commandLine(["sessions", "import", "-", "--prefix", "copy:", "--redis", server.url, "--json"]);
    const { code, stdout } = await paste(`${from} | ${to}`);
    expect([code, stdout]).toEqual([0, '{"imported":1,"existing":0,"expired":0}\n']);
    expect(await client.get("copy:a")).toBe(await client.get("sess:a"));
  });

  it.each([
    ["nothing", "", "This is not an export"],
    ["another file", '{"a":1}\n', "This is not an export"],
    ["another version", '{"format":"holdfast-sessions","version":2}\n', "This export has version 2"],
    ["a broken line", '{"format":"holdfast-sessions","version":1}\n{"id":"the-session-id"\n{}', "Number 1 of what"],
  ])("%s is not imported, and not quoted", async (_, text, said) => {
    writeFileSync(file("wrong"), text);
    const { code, stderr } = await sessions("import", file("wrong"));
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(stderr).not.toContain("the-session-id");
  });

  it("a file that is not there", async () => {
    expect(await sessions("import", file("nowhere"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("cannot be read"),
    });
    expect(await sessions("export", file("no/where"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("cannot be created"),
    });
  });

  it("an export that is stopped leaves no file", async () => {
    const text = JSON.stringify({ cookie: { originalMaxAge: null }, note: "x".repeat(20_000) });
    for (let n = 0; n < 4000; n++) void client.set(`sess:id-${n}`, text);
    await client.ping();
    const path = file("stopped");
    const { child, ended } = startCommand(["sessions", "export", path, "--redis", server.url]);
    await expect.poll(() => existsSync(path) && statSync(path).size > 0, { interval: 2, timeout: 30_000 }).toBe(true);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 143, stderr: expect.stringContaining("was removed") });
    expect(existsSync(path)).toBe(false);
  });
});

it("sessions of an app that hashes ids are named as ever, and an earlier export is imported for it", async () => {
  const hashing = new RedisSessionStore({ client, hashIds: true });
  await hashing.set("a", { cookie: { originalMaxAge: null }, passport: { user: "7" } } as never);
  expect((await sessions("list", "--user", "7")).stdout).toMatch(new RegExp(`^${label("a")}\t7\t.*\n$`));
  expect((await sessions("show", label("a"))).stdout).toContain('"user": "7"');
  await store("b", { passport: { user: "8" } });
  const path = file("plain.jsonl");
  expect(await sessions("export", path)).toMatchObject({ code: 0 });
  expect(await sessions("end", label("a"))).toMatchObject({ code: 0 });
  expect(await hashing.get("a")).toBeNull();
  await hashing.set("c", { cookie: { originalMaxAge: null } } as never);
  await client.del("sess:b");
  expect(await sessions("import", path)).toMatchObject({ code: 2, stderr: expect.stringContaining("--no-hash-ids") });
  expect(await client.keys("sess:b")).toEqual([]);
  expect((await sessions("import", path, "--hash-ids")).stderr).toMatch(/^Imported 2 sessions\./);
  await hashing.destroy("b");
  expect((await sessions("import", path, "--no-hash-ids")).stderr).toMatch(/^Imported 1 session\./);
  expect(await client.keys("sess:b")).toEqual(["sess:b"]);
  await client.flushAll();
  expect((await sessions("import", path, "--hash-ids")).stderr).toContain("Imported 2 sessions.");
  for (const id of ["a", "b"]) expect(await hashing.get(id)).not.toBeNull();
  expect(await client.keys("sess:b")).toEqual([]);
});

describe("clear", () => {
  beforeEach(async () => {
    for (const id of ["a", "b"]) await store(id, {});
    await store("c", {}, { prefix: "shop:" });
    await client.set("sess:rubbish", "rubbish");
  });

  it.each([
    [[], "Without a terminal to ask on"],
    [["--yes"], "--yes requires --prefix"],
    [["--yes", "--prefix", ""], "--prefix is empty"],
  ])("with %j is refused", async (args, said) => {
    const { code, stdout, stderr } = await sessions("clear", ...args, "--json");
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE" } });
    expect(await client.dbSize()).toBe(4);
  });

  it("with --yes and --prefix ends all sessions with this prefix", async () => {
    const { code, stdout, stderr } = await sessions("clear", "--yes", "--prefix", "sess:", "--json");
    expect([code, stdout]).toEqual([0, '{"ended":2,"left":1}\n']);
    expect(stderr).toMatch(/^Ended 2 sessions\.\n1 are left/);
    expect((await client.keys("*")).sort()).toEqual(["sess:rubbish", "shop:c"]);
    expect(await sessions("clear", "--yes", "--prefix", "sess:", "--unreadable")).toMatchObject({ code: 0 });
    expect(await client.keys("*")).toEqual(["shop:c"]);
  });
});

describe.skipIf(!hasTerminal)("on a terminal", () => {
  const at = () => ["--redis", server.url];

  it("list has a heading, columns and units", async () => {
    await store("a", { passport: { user: "7" } }, { written: 600 });
    const { code, screen } = await runOnTerminal(["sessions", "list", ...at()], { answers: [] });
    expect(code).toBe(0);
    expect(screen).toMatch(/^SESSION +USER +AGE +IDLE +LIVES FOR +SIZE\r\n/);
    expect(screen).toMatch(new RegExp(`^${label("a")}  7 +unknown +10 min.* +(50 min|49 min \\d+ s) +\\d+ B\\r$`, "m"));
  });

  it("an export to it is refused without --to-terminal", async () => {
    await store("the-session-id", {});
    const refused = await runOnTerminal(["sessions", "export", "-", ...at()], { answers: [] });
    expect(refused.code).toBe(2);
    expect(refused.screen).not.toContain("the-session-id");
    const printed = await runOnTerminal(["sessions", "export", "-", "--to-terminal", ...at()], { answers: [] });
    expect(printed.screen).toContain("the-session-id");
  });

  it.each([
    ["the number", "2", 0, 0],
    ["another number", "3", 1, 2],
    ["yes", "y", 1, 2],
    ["nothing", "", 1, 2],
    ["Ctrl-C", keys.ctrlC, 130, 2],
  ])("clear asks for the number of sessions: %s", async (_, typed, code, left) => {
    for (const id of ["a", "b"]) await store(id, {});
    const answer = typed === keys.ctrlC ? typed : typed + keys.enter;
    const ended = await runOnTerminal(["sessions", "clear", ...at()], { answers: [["end them all: ", answer]] });
    expect(ended.screen).toContain("2 sessions in Redis at redis://127.0.0.1");
    expect(ended.code).toBe(code);
    expect(await client.dbSize()).toBe(left);
  });
});

it("a Redis that is not there: one sentence, exit code 1", async () => {
  const { code, stdout, stderr } = await runCommand(["sessions", "list", "--redis", "redis://127.0.0.1:1", "--json"]);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "HOLDFAST_REDIS_UNREACHABLE" } });
});

it("the app's own serializer is loaded", async () => {
  const module = file("serializer.mjs");
  writeFileSync(
    module,
    "export default { parse: (text) => JSON.parse(text.slice(1)), stringify: (s) => '!' + JSON.stringify(s) };",
  );
  await client.set("sess:a", '!{"cookie":{},"passport":{"user":"7"}}');
  expect((await sessions("list", "--user", "7", "--serializer", module)).stdout).toContain(label("a"));
  expect((await sessions("list", "--user", "7")).stdout).toBe("");
});
