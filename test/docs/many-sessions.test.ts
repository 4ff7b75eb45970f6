/** What docs/sessions.md and docs/console.md say of 1,000,000 sessions is what was measured. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").replace(/\s+/g, " ");
const lines = readFileSync(new URL("../../bench/results/sessions-json.txt", import.meta.url), "utf8").split("\n");

/** Of each subcommand or page: seconds, megabytes, and the longest PING in milliseconds. */
const rows = lines.flatMap((line) => {
  const found = /^(\S.*?) {2,}([\d.]+) s +(\d+) MB .*longest ([\d.]+) ms$/.exec(line);
  return found ? [{ name: found[1]!, seconds: +found[2]!, megabytes: +found[3]!, longest: +found[4]! }] : [];
});
const ofConsole = rows.filter(({ name }) => name.startsWith("console: "));
const ofCommand = rows.filter(({ name }) => !name.startsWith("console: ") && name !== "nothing");
const longest = (some: typeof rows) => Math.ceil(Math.max(...some.map((row) => row.longest)));
const seconds = (part: string) => Math.round(ofConsole.find(({ name }) => name.includes(part))!.seconds);

it("the console", () => {
  const page = read("docs/console.md");
  expect(page).toContain(`one session by its hash took ${seconds("HASH")} s, those of one user ${seconds("user=")} s`);
  expect(page).toContain(`all sessions above a size ${seconds("larger=")} s`);
  expect(page).toContain(`no PING of another client took longer than ${longest(ofConsole)} ms`);
  expect(page).toContain(`at most ${Math.max(...ofConsole.map(({ megabytes }) => megabytes))} MB`);
});

it("the command, which stays within its limits", () => {
  expect(ofCommand.length).toBeGreaterThan(5);
  expect(longest(ofCommand)).toBeLessThan(20);
  expect(Math.max(...ofCommand.map(({ megabytes }) => megabytes))).toBeLessThan(100);
  expect(read("docs/sessions.md")).toContain(`none took longer than ${longest(ofCommand)} ms`);
});
