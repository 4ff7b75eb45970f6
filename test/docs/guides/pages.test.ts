/** Every page of the documents: its links lead somewhere, and what the guides name exists. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { codes } from "../../../lib/errors/index.js";
import { anchorsOf, blocksOf, pagesIn, root, textOf } from "../support/pages.js";

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...pagesIn("docs")];
const guides = pagesIn("docs/guides");

it("the guides are found", () => expect(guides.length).toBeGreaterThanOrEqual(11));

describe.each(pages)("%s", (page) => {
  const prose = textOf(page).replaceAll(/^ *```.*?^ *```$/gms, "");
  const targets = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map(([, target]) => target!);

  it("has links to files and headings that exist", () => {
    const missing = targets.filter((target) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), path));
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor);
    });
    expect(missing).toEqual([]);
  });
});

describe.each(guides)("%s", (page) => {
  const text = textOf(page);

  it("has a title, and answers before its first program or table", () => {
    const [, title, first] = /^---\ntitle: (.+)\n---\n\n# .+\n\n([^\n]+)/.exec(text) ?? [];
    expect(title).toBeTruthy();
    expect(first).toMatch(/^[A-Z*]/);
  });

  it("says what can go wrong", () => {
    if (page.endsWith("troubleshooting.md") || page.endsWith("upgrading.md")) return; // which say nothing else
    expect(text).toMatch(/^## What can go wrong$/m);
  });

  it("names only codes that exist", () => {
    const named = [...text.matchAll(/\b(?:HOLDFAST|SESSION)_[A-Z_]+\b/g)].map(([code]) => code);
    const known: string[] = [...Object.values(codes), "SESSION_SECRET", "SESSION_ENCRYPTION_KEY", "HOLDFAST_FROM"];
    expect(named.filter((code) => !known.includes(code))).toEqual([]);
  });

  it("names only checks of the doctor that exist", () => {
    const named = [...text.matchAll(/doctor's (`[\w-]+`(?:(?:, | and )`[\w-]+`)*)/g)].flatMap(([, list]) =>
      [...list!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!),
    );
    const headings = [...textOf("docs/doctor.md").matchAll(/^### (\S+)$/gm)].map(([, name]) => name!);
    expect(named.filter((name) => !headings.includes(name))).toEqual([]);
  });

  it("has YAML that parses", () => {
    for (const { text } of blocksOf(page, "yaml"))
      for (const document of parseAllDocuments(text)) expect(document.errors).toEqual([]);
  });
});
