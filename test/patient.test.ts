/**
 * Tests are patient. What a page shows, or a server does, may come a moment later than expected, and much later on a busy
 * machine. So it is polled, and never asked for once; and nobody waits for a second only.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const folder = new URL("./", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && name !== "patient.test.ts")
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));

/** Methods of Playwright that tell of a page at this moment. */
const question =
  /\.(textContent|innerText|allTextContents|allInnerTexts|inputValue|getAttribute|boundingBox|count|evaluate|evaluateAll|is(Visible|Hidden|Checked|Enabled|Disabled|Editable)|url|title)\(/;
/** Stands on the line, or above it, where a page is asked once for a reason. */
const reason = /\/\/ asked once: \S/;

interface Call {
  line: number;
  /** What is between the parentheses. */
  inside: string;
  isExplained: boolean;
}

function callsOf(name: string, text: string): Call[] {
  const lines = text.split("\n");
  return [...text.matchAll(new RegExp(`(?<![\\w.])${name.replace(".", "\\.")}\\(`, "g"))].map(({ 0: call, index }) => {
    const begin = index + call.length;
    const line = text.slice(0, index).split("\n").length;
    return {
      line,
      inside: text.slice(begin, endOf(text, begin)),
      isExplained: reason.test(`${lines[line - 2] ?? ""}\n${lines[line - 1]!}`),
    };
  });
}

/** The parenthesis that ends what begins here. */
function endOf(text: string, begin: number): number {
  let depth = 1;
  for (let at = begin; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return text.length;
}

/** Functions of the file that ask a page and do nothing else. */
function askersIn(text: string): string[] {
  const found = text.matchAll(/(?:const|function) (\w+)\b(?: = )?(?:async )?\([^;]*?;/g);
  return [...found].filter(([code]) => question.test(code) && !/\bexpect\b/.test(code)).map(([, name]) => name!);
}

function askedOnce(text: string): number[] {
  if (!/playwright-core|launchBrowser/.test(text)) return [];
  const askers = askersIn(text).map((name) => new RegExp(`\\bawait ${name}\\(`));
  const asks = (inside: string) =>
    (/\bawait\b/.test(inside) && question.test(inside)) ||
    /\bpage\.url\(/.test(inside) ||
    askers.some((asker) => asker.test(inside));
  return callsOf("expect", text)
    .filter(({ inside, isExplained }) => asks(inside) && !isExplained)
    .map(({ line }) => line);
}

it("no test asks a page once for what may come a moment later: `expect.poll` asks again", () => {
  const found = files.flatMap(({ name, text }) => askedOnce(text).map((line) => `${name}:${line}`));
  expect(found).toEqual([]);
});

it("what is asked once is found, also by a function; what is polled or has a reason is let pass", () => {
  const asked = askedOnce(`import type { Page } from "playwright-core";
    const count = (page: Page) => page.locator("i").textContent();
    expect(await page.locator("p").textContent()).toBe("1");
    expect([await page.locator("p").isVisible(), 1]).toEqual([true, 1]);
    expect(await count(page)).toBe("1");
    expect(new URL(page.url()).pathname).toBe("/");
    await expect.poll(() => page.locator("p").textContent()).toBe("1");
    // asked once: it must not be there yet
    expect(await page.locator("p").isVisible()).toBe(false);
    expect(await admin.list()).toEqual([]);`);
  expect(asked).toEqual([3, 4, 5, 6]);
});

it("whoever waits says for how long: the second that vitest has by default is short on a busy machine", () => {
  const found = files.flatMap(({ name, text }) =>
    [...callsOf("vi.waitFor", text), ...callsOf("vi.waitUntil", text)]
      .filter(({ inside }) => !/\b(timeout|patience)\b|, \d[\d_]+$/.test(inside))
      .map(({ line }) => `${name}:${line}`),
  );
  expect(found).toEqual([]);
});
