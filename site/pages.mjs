// The pages of the site: the Markdown files of a folder, each with what the sidebar and search engines show of it.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { parse } from "yaml";

/** @returns the Markdown files below `folder`: `path` from it, without `.md`, title, first paragraph and `order` */
export function pagesOf(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll(sep, "/"));
  return files
    .filter((file) => file.endsWith(".md") && !/(^|\/)[._]|node_modules/.test(file))
    .toSorted()
    .map((file) => ({ path: file.slice(0, -".md".length), ...about(readFileSync(join(folder, file), "utf8")) }));
}

/** What a page says of itself. */
export function about(markdown) {
  const [, head = "", body] = /^(?:---\n([^]*?)\n---\n)?([^]*)$/.exec(markdown);
  const { order, description, title } = parse(head) ?? {};
  const heading = /^# (.+)$/m.exec(body)?.[1];
  const blocks = body.replaceAll(/^```[^]*?^```$/gm, "").split(/\n{2,}|\n(?=- )/);
  const paragraphs = blocks
    .map((block) => block.trim().replace(/^- /, ""))
    .filter((block) => /^[\p{L}`[*"(]/u.test(block));
  let words = "";
  while (words.length < 30 && paragraphs.length > 0) words = plain(`${words} ${paragraphs.shift()}`);
  return {
    title: title ?? plain(heading ?? ""),
    description: description ?? shortened(words),
    order,
  };
}

/**
 * When each file of `folder` was last changed, in milliseconds, by its path from there. Empty without git, and in a clone
 * without history, which would take its only commit for the last change of all.
 */
export function changesOf(folder) {
  const options = { cwd: folder, encoding: "utf8", stdio: "pipe", maxBuffer: 64 * 1024 * 1024 };
  const git = (...args) => execFileSync("git", args, options);
  let log;
  try {
    if (git("rev-parse", "--is-shallow-repository").trim() === "true") return new Map();
    log = git("log", "--format=%n@%ct", "--name-only", "--relative", "--", ".");
  } catch {
    return new Map(); // sources without git, such as a downloaded archive
  }
  const changes = new Map();
  let time;
  for (const line of log.split("\n")) {
    if (line.startsWith("@")) time = Number(line.slice(1)) * 1000;
    else if (line && !changes.has(line)) changes.set(line, time);
  }
  return changes;
}

/** Without the marks of Markdown. */
function plain(markdown) {
  return markdown
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]|(?<!\w)_|_(?!\w)/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function shortened(text, most = 180) {
  return text.length <= most ? text : `${text.slice(0, text.lastIndexOf(" ", most - 2))} …`;
}
