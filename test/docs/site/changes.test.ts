/** When a page was last changed: from the history, and never from a guess. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const pages: unknown = await import(new URL("../../../site/pages.mjs", import.meta.url).href);
const { changesOf } = pages as { changesOf(folder: string): Map<string, number> };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "holdfast-history-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const [first, second] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 5, 1)];

function git(where: string, args: string[], time = second): void {
  const date = new Date(time).toISOString();
  const author = { GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.org", GIT_AUTHOR_DATE: date };
  const committer = { GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@example.org", GIT_COMMITTER_DATE: date };
  execFileSync("git", args, { cwd: where, stdio: "pipe", env: { ...process.env, ...author, ...committer } });
}

function history(): string {
  const source = join(folder, "source");
  mkdirSync(join(source, "docs", "guides"), { recursive: true });
  git(source, ["init", "--quiet"]);
  const commit = (file: string, text: string, time: number) => {
    writeFileSync(join(source, file), text);
    git(source, ["add", "."]);
    git(source, ["commit", "--quiet", "--no-gpg-sign", "--message", file], time);
  };
  commit("docs/a.md", "old", first);
  commit("docs/guides/b.md", "old", first);
  commit("docs/a.md", "new", second);
  commit("elsewhere.md", "x", second);
  return source;
}

test("is the time of the last commit that changed it", () => {
  const changes = changesOf(join(history(), "docs"));
  expect([...changes]).toEqual([
    ["a.md", second],
    ["guides/b.md", first],
  ]);
});

test("is not known in a clone without history, which has everything in one commit", () => {
  const clone = join(folder, "clone");
  git(folder, ["clone", "--quiet", "--depth=1", `file://${history()}`, clone]);
  expect(changesOf(join(clone, "docs")).size).toBe(0);
});

test("is not known without git", () => {
  const archive = join(folder, "archive", "docs");
  mkdirSync(archive, { recursive: true });
  writeFileSync(join(archive, "a.md"), "x");
  expect(changesOf(archive).size).toBe(0);
});
