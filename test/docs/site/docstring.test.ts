/** Docstrings, as the pages of the API show them. */
import { describe, expect, test } from "vitest";

interface Docstring {
  text: string;
  defaults: string[];
  examples: string[];
  params: [string, string][];
  returns?: string;
  throws: string[];
}
type Link = (name: string) => string | undefined;
const load = (file: string): Promise<unknown> => import(new URL(`../../../site/api/${file}`, import.meta.url).href);
const { docstringOf } = (await load("docstring.mjs")) as { docstringOf(comment?: string): Docstring };
const { proseOf, valueOf, exampleOf } = (await load("prose.mjs")) as {
  proseOf(text: string, link: Link): string;
  valueOf(text: string): string;
  exampleOf(text: string): string;
};

describe("a docstring is taken apart", () => {
  test("one line", () => {
    expect(docstringOf(`/** The name of the cookie. @default "connect.sid" */`)).toMatchObject({
      text: "The name of the cookie.",
      defaults: [`"connect.sid"`],
    });
  });

  test("all tags, with paragraphs and the indentation of examples", () => {
    const { text, examples, params, throws, defaults } = docstringOf(`/**
     * First, with user@example.org.
     *
     *     code();
     *
     * @param sid the id
     *   of the session
     * @throws HoldfastError \`A\`,
     *   \`B\`
     * @default { a: 1 } // one
     * @example
     *
     *     if (a) {
     *       b("@default");
     *     }
     *
     * @example c()
     */`);
    expect(text).toBe("First, with user@example.org.\n\n    code();");
    expect(params).toEqual([["sid", "the id of the session"]]);
    expect(throws).toEqual(["HoldfastError `A`, `B`"]);
    expect(defaults).toEqual(["{ a: 1 } // one"]);
    expect(examples).toEqual([`if (a) {\n  b("@default");\n}`, "c()"]);
  });

  test("none", () => {
    expect(docstringOf(undefined)).toMatchObject({ text: "", defaults: [], examples: [] });
  });
});

describe("prose", () => {
  const link: Link = (name) => (/^(LostChange|redisSession|SESSION_CONTENDED)$/.test(name) ? `#${name}` : undefined);
  test.each([
    ["a `LostChange` here", 'a <a href="#LostChange">`LostChange`</a> here'],
    ["{@link LostChange}, {@link Unknown}", '<a href="#LostChange">`LostChange`</a>, `Unknown`'],
    ["call `redisSession()`", 'call <a href="#redisSession">`redisSession()`</a>'],
    ["throws `SESSION_CONTENDED`", 'throws <a href="#SESSION_CONTENDED">`SESSION_CONTENDED`</a>'],
    ["the variable `SESSION_SECRET`", "the variable `SESSION_SECRET`"],
    ["see docs/errors.md", "see [docs/errors.md](../errors.md)"],
    ["a Map<string> and `Map<string>`", "a Map&lt;string> and `Map<string>`"],
  ])("%s", (text, expected) => {
    expect(proseOf(text, link)).toBe(expected);
  });
});

describe("a default", () => {
  test.each([
    [`"connect.sid"`, "<code v-pre>&quot;connect.sid&quot;</code>"],
    ["5000", "<code v-pre>5000</code>"],
    ["24 random bytes, as 32 characters", "24 random bytes, as 32 characters"],
    ["the client of `sessions`", "the client of <code v-pre>sessions</code>"],
    ["{ idle: 3600 } // an hour", "<code v-pre>{ idle: 3600 }</code> (an hour)"],
  ])("%s", (text, expected) => {
    expect(valueOf(text)).toBe(expected);
  });
});

test("an example is a block of code, unless it has blocks of its own", () => {
  expect(exampleOf("a();\n")).toBe("```ts\na();\n```");
  expect(exampleOf("Text\n```sh\nnpx\n```")).toBe("Text\n```sh\nnpx\n```");
});
