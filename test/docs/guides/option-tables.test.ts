/** The tables of options in the guides name every option of the packages that they are about, so that none is forgotten. */
// cspell:ignore unserialize -- an option of connect-mongo
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { storeOptionNames } from "../../../lib/express-session/index.js";
import { cookieNames } from "../../../lib/http/cookie/cookie-options.js";
import { namesIn, root, rowsOf } from "../support/pages.js";

const source = (path: string) => readFileSync(join(root, "node_modules", path), "utf8");
const column = (page: string, heading: string, index = 0) =>
  rowsOf(`docs/guides/${page}.md`, heading).flatMap((cells) => namesIn(cells[index]));
const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted();

describe("from connect-redis", () => {
  const [, body] = /interface RedisStoreOptions \{([^]*?)\n\}/.exec(source("connect-redis/dist/connect-redis.d.ts"))!;
  const current = [...body!.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name!);
  /** What lib/connect-redis.js of version 3.4.2, the last one, read from its options. */
  const ofVersion3 = ["url", "socket", "host", "port", "db", "pass", "unref", "logErrors"];

  it("every option of the installed version is found", () => expect(current).toHaveLength(7));

  it("theirs are all there: those of the installed version, and those of version 3", () => {
    expect(sorted(column("from-connect-redis", "theirs"))).toEqual(sorted([...current, ...ofVersion3]));
  });

  it("each that is named as ours is an option of ours", () => {
    const ours = column("from-connect-redis", "theirs", 2);
    expect(ours.filter((name) => name !== "url" && !storeOptionNames.includes(name))).toEqual([]);
    expect(ours).toEqual(expect.arrayContaining(current));
  });

  it("what is new is everything else that RedisSessionStore accepts", () => {
    const more = storeOptionNames.filter((name) => !current.includes(name));
    expect(sorted(column("from-connect-redis", "ours"))).toEqual(sorted(more));
  });
});

it("from connect-pg-simple: every option of its README", () => {
  const [, advanced] = /## Advanced options([^]*?)## Useful methods/.exec(source("connect-pg-simple/README.md"))!;
  const options = [...advanced!.matchAll(/^\* \*\*(\w+)\*\*/gm)].map(([, name]) => name!);
  expect(options.length).toBeGreaterThan(10);
  expect(sorted(column("from-connect-pg-simple", "theirs"))).toEqual(sorted(options));
});

it("from connect-mongo: every option of version 6.0.0", () => {
  const options = [
    "mongoUrl clientPromise client collectionName mongoOptions dbName ttl touchAfter",
    "stringify autoRemove autoRemoveInterval serialize unserialize writeOperationOptions",
    "transformId crypto cryptoAdapter timestamps",
  ].flatMap((line) => line.split(" "));
  expect(sorted(column("from-connect-mongo", "theirs"))).toEqual(sorted(options));
});

it.each(["from-connect-pg-simple", "from-connect-mongo"])("%s: what it becomes is an option of ours", (page) => {
  const afterwards = rowsOf(`docs/guides/${page}.md`, "theirs").flatMap((cells) => namesIn(cells[2]));
  expect(afterwards.length).toBeGreaterThan(3);
  expect(afterwards.filter((name) => name !== "url" && !storeOptionNames.includes(name))).toEqual([]);
});

describe("from cookie-session", () => {
  const [, body] = /#### Options([^]*?)### req\.session/.exec(source("cookie-session/README.md"))!;
  const headings = [...body!.matchAll(/^##### (\w+)$/gm)].map(([, name]) => name!);
  const listed = [...body!.matchAll(/^ {2}- `(\w+)`:/gm)].map(([, name]) => name!);

  it("every option of its README", () => {
    expect([headings.length, listed.length]).toEqual([3, 11]);
    expect(sorted(column("from-cookie-session", "theirs"))).toEqual(sorted([...headings, ...listed]));
  });

  it("each that becomes one of the cookie's is one of the cookie's", () => {
    const cookie = column("from-cookie-session", "theirs", 1).filter((name) => name.startsWith("cookie."));
    expect(cookie.length).toBeGreaterThan(2);
    expect(cookie.filter((name) => !cookieNames.includes(name.slice("cookie.".length)))).toEqual([]);
  });
});

it("the packages of these tables are the versions that the pages name", () => {
  const versionOf = (name: string) => (JSON.parse(source(`${name}/package.json`)) as { version: string }).version;
  expect(versionOf("connect-redis")).toMatch(/^(9|10)\./);
  expect(versionOf("connect-pg-simple")).toMatch(/^10\./);
  expect(versionOf("cookie-session")).toMatch(/^2\./);
});
