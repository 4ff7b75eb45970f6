/** What every guide has, and that what the guides name exists. */
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { codes } from "../../../lib/errors/index.js";
import { blocksOf, pagesIn, textOf } from "../support/pages.js";

const guides = pagesIn("docs/guides");

it("the guides are found", () => expect(guides.length).toBeGreaterThanOrEqual(11));

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
    const known: string[] = [
      ...Object.values(codes),
      "SESSION_SECRET",
      "SESSION_ENCRYPTION_KEY",
      "HOLDFAST_FROM",
      "HOLDFAST_TEST_MONGO_URL",
    ];
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
