/** Hashes from elsewhere, however they are written: the owner gets in or is told at the import why not; nobody learns by the clock. */
import { pbkdf2Sync } from "node:crypto";
import { hash as argon2, parseOptions } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import fc from "fast-check";
import { RedisAccounts, passwordHashProblem, verifyNothing, verifyPassword } from "holdfast/auth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArgon2Costs } from "../../../lib/auth/passwords/argon2-form.js";
import { startRedis, type TestRedis } from "../../support/servers/redis-server.js";
import { workOf } from "../../support/work.js";

const password = "correct horse";
const letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const pbkdf2 = `pbkdf2_sha256$100$salt$${pbkdf2Sync(password, "salt", 100, 32, "sha256").toString("base64")}`;
let hashes: string[];

beforeAll(async () => {
  const ofBcrypt = await bcrypt(password, 4);
  hashes = [
    pbkdf2,
    ofBcrypt,
    `bcrypt$${ofBcrypt}`,
    await argon2(password, { memoryCost: 64 }),
    `argon2${await argon2(password)}`,
    await argon2(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
  ];
});

it("bcrypt: bits that mean nothing may be anything, in the salt and in the hash", async () => {
  const hash = await bcrypt(password, 4);
  const withBits = (at: number, bits: number) =>
    hash.slice(0, at) + letters[letters.indexOf(hash[at]!) | bits] + hash.slice(at + 1);
  for (let bits = 0; bits < 16; bits++) {
    const odd = withBits(28, bits);
    expect(passwordHashProblem(odd)).toBeUndefined();
    expect(await verifyPassword(odd, password)).toBe(true);
    expect(await verifyPassword(odd, "wrong horse")).toBe(false);
  }
  for (let bits = 0; bits < 4; bits++) expect(await verifyPassword(withBits(59, bits), password)).toBe(true);
  const other = hash.slice(0, 59) + letters[letters.indexOf(hash[59]!) ^ 4];
  expect(await verifyPassword(other, password)).toBe(false);
});

/** One letter changed, left out, doubled, or the end cut off. */
const damaged = fc
  .tuple(
    fc.nat(5),
    fc.nat(),
    fc.constantFrom("change", "drop", "double", "cut"),
    fc.constantFrom("$", "=", "A", "z", "9", ".", "-", "é", ","),
  )
  .map(([which, place, how, letter]) => () => {
    const hash = hashes[which]!;
    const at = place % hash.length;
    if (how === "cut") return hash.slice(0, at);
    return (
      hash.slice(0, at) + (how === "change" ? letter : how === "double" ? hash[at]!.repeat(2) : "") + hash.slice(at + 1)
    );
  });

/** Texts in the form of argon2 hashes, with each part right or a little wrong. */
const argon2Texts = fc
  .record({
    kind: fc.constantFrom("argon2id", "argon2i", "argon2d", "argon2", "argon2x"),
    version: fc.constantFrom("$v=19", "$v=16", "", "$v=17", "$v=019", "$v="),
    costs: fc.uniqueArray(
      fc.tuple(
        fc.constantFrom("m", "t", "p", "keyid", "data", ""),
        fc.oneof(
          fc.constantFrom("0", "064", "+64", "", "4294967295", "4294967296", "1e3", "aaaa"),
          fc.nat(300).map(String),
        ),
      ),
      { selector: ([name]) => name, maxLength: 5 },
    ),
    salt: fc.uint8Array({ maxLength: 66 }),
    sum: fc.uint8Array({ maxLength: 66 }),
    end: fc.constantFrom("", "=", "A", "B", "$", "."),
  })
  .map(({ kind, version, costs, salt, sum, end }) => {
    const [first, second] = [salt, sum].map((bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, ""));
    const parameters = costs.map(([name, value]) => `${name}=${value}`).join(",");
    return `$${kind}${version}$${parameters}$${first}$${second}${end}`;
  });
const rightCosts = fc
  .tuple(
    fc.integer({ min: 8, max: 5000 }),
    fc.nat(9),
    fc.nat(20),
    fc.shuffledSubarray(["m", "t", "p"], { minLength: 3 }),
  )
  .map(([m, t, p, order]) => order.map((name) => `${name}=${{ m, t, p }[name]}`).join(","));
const salted = (parameters: string) =>
  `$argon2id$v=19$${parameters}$c2FsdHNhbHRzYWx0c2FsdA$U4Th4NEcSEXKUGHG7GDneZoe0021xdf7aoU1VaS6k4o`;

it("argon2: its costs are read without the library, and as the library reads them", () => {
  const byLibrary = (phc: string) => {
    try {
      const { memoryCost, timeCost, parallelism } = parseOptions(phc);
      return { memoryCost, timeCost, parallelism };
    } catch {
      return undefined;
    }
  };
  const damagedOnes = damaged.map((make) => make()).filter((text) => text.startsWith("$argon2"));
  let readable = 0;
  fc.assert(
    fc.property(fc.oneof(argon2Texts, rightCosts.map(salted), damagedOnes), (phc) => {
      const expected = byLibrary(phc);
      if (expected) readable++;
      expect(readArgon2Costs(phc)).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
  expect(readable).toBeGreaterThan(300);
  for (const data of [
    "",
    "0",
    "00",
    "AA",
    "AB",
    "AAA",
    "aaaa=",
    "a=b",
    "1e3",
    "4294967295",
    "AAAA,data=0",
    "0,data=AAAA",
  ])
    for (const name of ["data", "keyid"])
      for (const phc of [salted(`m=64,t=1,p=1,${name}=${data}`), salted(`${name}=${data},m=64,t=1,p=1`)])
        expect({ phc, costs: readArgon2Costs(phc) }).toEqual({ phc, costs: byLibrary(phc) });
  for (const costs of ["v=19,m=64,t=2,p=1", "m=64,v=19,t=2,p=1", "v=1,m=64,t=2,p=1", "vx=19,m=64,t=2,p=1"])
    for (const phc of [salted(costs), salted(costs).replace("$v=19", "")])
      expect(readArgon2Costs(phc)).toEqual(byLibrary(phc));
  // Which of the two would be computed is the library's secret.
  expect(readArgon2Costs(salted("m=64,t=1,p=1,m=4294967295"))).toBeUndefined();
});

it("every text is a hash that can be checked, or is told to be none; checking never fails", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        damaged,
        fc.string().map((text) => () => text),
      ),
      async (make) => {
        const hash = make();
        const problem = passwordHashProblem(hash);
        expect(problem === undefined || /^The hash .*\.$/.test(problem)).toBe(true);
        const isRight = await verifyPassword(hash, password);
        if (problem !== undefined) expect(isRight).toBe(false);
      },
    ),
    { numRuns: 60 },
  );
});

it("no text answers faster than a hash of today, whatever is wrong with it", async () => {
  await verifyNothing();
  // The least of several rounds: other work on the machine only makes the same work cost more.
  let nothing = Infinity;
  for (let round = 0; round < 10; round++)
    nothing = Math.min(nothing, await workOf(() => verifyNothing("wrong horse")));
  const texts = [
    ...hashes,
    ...fc.sample(damaged, { numRuns: 40, seed: 7 }).map((make) => make()),
    (await bcrypt(password, 4)).replace(/.$/, "z"),
  ];
  for (const hash of texts) {
    const work = await workOf(() => verifyPassword(hash, "wrong horse"));
    expect({ hash, isTooFast: work < nothing / 2 }).toEqual({ hash, isTooFast: false });
  }
});

describe("hashes that ask for too much", () => {
  const salt = "c2FsdHNhbHRzYWx0c2FsdA";
  const sum = "U4Th4NEcSEXKUGHG7GDneZoe0021xdf7aoU1VaS6k4o";
  const bombs = [
    ["1 GiB", `$argon2id$v=19$m=1048576,t=2,p=1$${salt}$${sum}`],
    ["all the memory there can be", `$argon2id$v=19$m=4294967295,t=1,p=1$${salt}$${sum}`],
    ["a million passes", `$argon2id$v=19$m=1024,t=1000000,p=1$${salt}$${sum}`],
    ["200 lanes", `argon2$argon2id$v=19$m=65536,t=1,p=200$${salt}$${sum}`],
    ["argon2d, 512 MiB", `$argon2d$v=16$m=524288,t=1,p=1$${salt}$${sum}`],
    ["bcrypt's cost 31", "$2b$31$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"],
    ["Django's bcrypt's cost 17", "bcrypt_sha256$$2b$17$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"],
    ["four million rounds", pbkdf2.replace("$100$", "$4000000$")],
    ["a number without an end", pbkdf2.replace("$100$", `$${"9".repeat(400)}$`)],
    ["a megabyte of salt", pbkdf2.replace("$salt$", `$${"s".repeat(1_000_000)}$`)],
    ["a megabyte of argon2", `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${"A".repeat(1_000_000)}`],
  ] as const;
  let redis: TestRedis;
  beforeAll(async () => void (redis = await startRedis()));
  afterAll(() => redis.stop());

  it.each(bombs)("%s: is refused in words at the import, and costs a login no more than any", async (_, hash) => {
    expect(passwordHashProblem(hash)).toMatch(/^The hash (requires too much work|has \d+ characters)/);
    const accounts = new RedisAccounts({ client: await redis.client() });
    const made = accounts.create({ username: "ada", email: undefined, passwordHash: hash });
    await expect(made).rejects.toMatchObject({ code: "HOLDFAST_PASSWORD_HASH_INVALID" });
    await expect(made).rejects.not.toThrow(hash);
    expect(await accounts.findByUsername("ada")).toBeUndefined();
    const before = process.memoryUsage().rss;
    const nothing = (await workOf(() => verifyNothing())) + (await workOf(() => verifyNothing()));
    expect(await workOf(() => verifyPassword(hash, password))).toBeLessThan(nothing * 10); // the mildest bomb takes a second
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it.each([
    ["PHP", `$argon2id$v=19$m=65536,t=4,p=1$${salt}$${sum}`],
    ["Django", `argon2$argon2id$v=19$m=102400,t=2,p=8$${salt}$${sum}`],
    ["libsodium's moderate", `$argon2id$v=19$m=262144,t=3,p=1$${salt}$${sum}`],
    ["RFC 9106 with little memory", `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${sum}`],
    ["bcrypt's cost 14", "$2y$14$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"],
    ["Django 6.0", pbkdf2.replace("$100$", "$1200000$")],
  ])("the defaults of others do not: %s", (_, hash) => expect(passwordHashProblem(hash)).toBeUndefined());

  it("a text of no kind is no bomb: an account may have no password yet", async () => {
    const accounts = new RedisAccounts({ client: await redis.client() });
    expect(await accounts.create({ username: "eve", email: undefined, passwordHash: "!" })).toMatchObject({
      username: "eve",
    });
    expect(passwordHashProblem("!")).toContain("unknown kind");
  });
});
