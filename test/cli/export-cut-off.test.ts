/** An export that was cut off, by a killed process or a full disk, is not taken for a whole one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, commandLine, paste, runCommand } from "./command.js";

const server = useRedis();
const folder = mkdtempSync(join(tmpdir(), "holdfast-export-"));
const path = join(folder, "sessions.jsonl");
let client: RedisClientType;
let lines: string[];
beforeAll(async () => {
  await buildCommand();
  client = await server.client();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  rmSync(path, { force: true });
  await client.flushAll();
  for (let n = 0; n < 20; n++) await client.set(`sess:${n}`, `{"cookie":{},"n":${n}}`, { EX: 600 });
  await sessions("export", path);
  lines = readFileSync(path, "utf8").trimEnd().split("\n");
  await client.flushAll();
});

const sessions = (...args: string[]) => runCommand(["sessions", ...args, "--redis", server.url]);
const imported = () => client.dbSize();

it("the last line has the number of sessions, and an import of all of them says nothing about it", async () => {
  expect(lines).toHaveLength(22);
  expect(JSON.parse(lines.at(-1)!)).toEqual({ format: "holdfast-sessions", sessions: 20 });
  expect(await sessions("import", path)).toMatchObject({ code: 0, stderr: "Imported 20 sessions.\n" });
});

it.each([
  ["the last line", () => lines.slice(0, -1).join("\n") + "\n", 20],
  ["some sessions", () => lines.slice(0, 11).join("\n"), 10],
  ["half of a session", () => lines.slice(0, 11).join("\n").slice(0, -12), 9],
  ["all but the first line", () => lines[0]!, 0],
])("without %s, nothing is imported unless that is meant", async (_, text, count) => {
  writeFileSync(path, text());
  const { code, stderr, stdout } = await sessions("import", path, "--json");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^This export is not complete.*--incomplete/)]);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "EXPORT_INCOMPLETE" } });
  expect(await imported()).toBe(0);
  const meant = await sessions("import", path, "--incomplete");
  expect([meant.code, meant.stderr]).toEqual([0, expect.stringContaining("The export was cut off after")]);
  expect(await imported()).toBe(count);
});

it("from stdin, whose end comes last, and in the middle of the file, it is found too", async () => {
  writeFileSync(path, lines.slice(0, -1).join("\n"));
  const pipe = `cat '${path}' | ${commandLine(["sessions", "import", "-", "--redis", server.url])}`;
  expect(await paste(pipe)).toMatchObject({ code: 1, stderr: expect.stringContaining("it ends after 20 sessions") });
  writeFileSync(path, [...lines.slice(0, 5), ...lines.slice(6)].join("\n"));
  expect(await sessions("import", path)).toMatchObject({ code: 1, stderr: expect.stringContaining("not complete") });
});

it("an export of an earlier version, without that line, is imported with a warning", async () => {
  const { hasEnd: _none, ...head } = JSON.parse(lines[0]!);
  writeFileSync(path, [JSON.stringify(head), ...lines.slice(1, -1)].join("\n"));
  expect(await sessions("import", path)).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/of an earlier version.*\nImported 20 sessions\.\n$/s),
  });
});

it("Ctrl-C ends an import that waits for its input", async () => {
  const command = commandLine(["sessions", "import", "-", "--redis", server.url]);
  const { stdout } = await paste(
    `{ printf '%s\\n' '${lines[0]}'; sleep 30; } | { timeout -s INT 3 ${command}; echo $?; }`,
  );
  expect(stdout.trim()).toBe("124"); // of `timeout`, once it has ended
});
