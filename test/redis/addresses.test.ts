/** Addresses of Redis: every form that the client library takes works, every other is refused without its password. */
import { toUSVString } from "node:util";
import fc from "fast-check";
import { createClient, RedisClient } from "redis";
import { describe, expect, test } from "vitest";
import { resolveAddress } from "../../lib/redis/connection/settings.js";

const library = { RedisClient };

const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter((value) => toUSVString(value) === value);
const odd = fc.string({
  unit: fc.constantFrom(...Array.from("@:/?#%[] &=+,;\\\"'|äß💡aZ9")),
  minLength: 1,
  maxLength: 8,
});
const secret = fc.oneof(text, odd);
const port = fc.integer({ min: 1, max: 65_535 });
const host = fc.oneof(
  fc.constantFrom("localhost", "redis", "my-redis.svc.cluster.local", "redis_1"),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

describe("a URL", () => {
  const client = createClient().constructor as unknown as { parseURL(url: string): any };
  const parts = fc.record({
    scheme: fc.constantFrom("redis", "rediss", "REDIS"),
    user: maybe(secret),
    password: maybe(secret),
    host,
    port: maybe(port),
    database: maybe(fc.nat(15)),
  });
  const urlOf = ({ scheme, user, password, host: at, port: number, database }: Parts) => {
    const login =
      user === undefined && password === undefined
        ? ""
        : `${encodeURIComponent(user ?? "")}${password === undefined ? "" : `:${encodeURIComponent(password)}`}@`;
    return `${scheme}://${login}${at}${number === undefined ? "" : `:${number}`}${database === undefined ? "" : `/${database}`}`;
  };
  type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

  test("generated: is read as the client library reads it", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const url = urlOf(given);
        const address = resolveAddress(library, url);
        const { socket, username, password, database } = client.parseURL(url);
        expect(address.login).toEqual({
          ...(username && { username }),
          ...(password && { password }),
          ...(database && { database }),
        });
        expect(address.socket).toEqual({ port: 6379, ...socket });
        expect([given.user ?? "", given.password ?? ""]).toEqual([username ?? "", password ?? ""]);
        expect(address.shown).toMatch(/^rediss?:\/\/[^@]*$/);
      }),
      { numRuns: 500 },
    );
  });

  test("of a socket file, with and without login and database", () => {
    expect(resolveAddress(library, "unix:///run/redis.sock")).toMatchObject({
      socket: { path: "/run/redis.sock" },
      login: {},
    });
    expect(resolveAddress(library, "unix://ada:p%40ss@/run/my%20redis.sock?db=3")).toMatchObject({
      socket: { path: "/run/my redis.sock" },
      login: { username: "ada", password: "p@ss", database: 3 },
      shown: "unix:///run/my redis.sock?db=3",
    });
  });

  test.each<[string, object]>([
    ["redis://", { socket: { host: "127.0.0.1", port: 6379, tls: false }, shown: "redis://127.0.0.1:6379" }],
    ["  redis://redis:7000\n", { socket: { host: "redis", port: 7000, tls: false }, shown: "redis://redis:7000" }],
    ["REDISS://redis/0", { socket: { host: "redis", port: 6379, tls: true }, shown: "rediss://redis:6379/0" }],
    ["redis://redis/12", { login: { database: 12 }, shown: "redis://redis:6379/12" }],
    ["unix:///run/a@b.sock", { socket: { path: "/run/a@b.sock", tls: false }, shown: "unix:///run/a@b.sock" }],
  ])("%s", (url, expected) =>
    expect(resolveAddress(library, url)).toEqual({
      login: {},
      from: "url",
      ...expected,
      socket: expect.anything() as never,
      ...expected,
    }),
  );

  test.each<[unknown]>([
    [5],
    [{ host: "redis" }],
    ["redis"],
    ["redis://redis/1.5"],
    ["redis://redis/1e2"],
    ["redis://redis/0x10"],
    ["redis://redis/-1"],
    ["unix:///run/redis.sock?db=x"],
    ["unix:///run/redis.sock?db=-1"],
    ["unix:///run/redis.sock?db=1.5"],
    ["http://redis:6379"],
  ])("%j is refused", (url) => {
    expect(() => resolveAddress(library, url as string)).toThrow(
      expect.objectContaining({ code: "HOLDFAST_REDIS_URL_INVALID", status: 500 }),
    );
  });

  /** The password as somebody pastes it, into whatever place. */
  const pasted = fc
    .tuple(
      fc.constantFrom("redis://", "rediss://", "unix://", "redis:", "http://", "", "tcp://", "redis+sentinel://"),
      fc.constantFrom("", "ada"),
      fc.string({ unit: fc.constantFrom(...Array.from("@:/?#%[]1QXZ~")), maxLength: 6 }).map((part) => `QXZ${part}QZX`),
      fc.constantFrom("@host:6379", "@host:6379/0", "@[::1]:6379", "@/run/redis.sock", "@host:no", "@host/one", "@"),
    )
    .map(([scheme, user, password, rest]) => ({ url: `${scheme}${user}:${password}${rest}`, password }));

  test("generated: one that cannot be read is refused with a code, and without a piece of the password", () => {
    let refused = 0;
    fc.assert(
      fc.property(pasted, fc.boolean(), ({ url, password }, isVariable) => {
        try {
          const address = isVariable
            ? resolveAddress(library, undefined, { REDIS_URL: url })
            : resolveAddress(library, url);
          expect(address.shown).not.toMatch(/QXZ|QZX/i);
          // It was read, so it must have been read right.
          const decoded = password.replace(/%[0-9A-F]{2}/gi, decodeURIComponent);
          expect([password, decoded]).toContain(address.login.password);
        } catch (error: any) {
          refused++;
          expect(error).toMatchObject({ code: "HOLDFAST_REDIS_URL_INVALID", status: 500 });
          expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/QXZ|QZX/i);
          expect(error.cause).toBeUndefined();
        }
      }),
      {
        numRuns: 1000,
        examples: ["QXZ@/QZX", "QXZ@/]?QZX", "QXZ@/#QZX"].map((password) => [
          { url: `unix://:${password}@host:6379`, password },
          false,
        ]),
      },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

describe("variables", () => {
  const at = (env: Record<string, string>) => resolveAddress(library, undefined, env);

  test.each<[Record<string, string>, object]>([
    [{}, { socket: { host: "127.0.0.1", port: 6379 }, from: "default" }],
    [{ REDIS_HOST: "::1" }, { socket: { host: "::1", port: 6379 }, shown: "redis://[::1]:6379/0" }],
    [{ REDIS_HOST: "[fd00::1]", REDIS_PORT: "7000" }, { socket: { host: "fd00::1", port: 7000 } }],
    [{ REDIS_HOST: "/run/redis.sock" }, { socket: { path: "/run/redis.sock" } }],
    [{ REDIS_PORT: "tcp://10.0.0.1:6379" }, { socket: { host: "10.0.0.1", port: 6379 }, from: "REDIS_HOST" }],
    [{ REDIS_PORT: "tcp://[fd00::1]:6380" }, { socket: { host: "fd00::1", port: 6380 } }],
    [{ REDIS_HOST: "redis", REDIS_PORT: "tcp://10.0.0.1:6380" }, { socket: { host: "redis", port: 6380 } }],
    [{ REDIS_PASSWORD: "a b/@:%zz", REDIS_DB: "2" }, { login: { password: "a b/@:%zz", database: 2 } }],
    [{ REDIS_DB: "12" }, { login: { database: 12 }, shown: "redis://127.0.0.1:6379/12", from: "REDIS_HOST" }],
    [{ REDIS_PORT: "1" }, { socket: { port: 1 } }],
    [{ REDIS_PORT: "65535" }, { socket: { port: 65_535 } }],
  ])("%j", (env, expected) => expect(at(env)).toMatchObject(expected));

  test("without a password, no user is sent; without a number, no database; and there is no TLS", () => {
    expect(at({ REDIS_USERNAME: "ada", REDIS_DB: "0" }).login).toEqual({});
    expect(at({ REDIS_PASSWORD: "p" }).login).toEqual({ password: "p" });
    expect(at({ REDIS_USERNAME: "ada", REDIS_PASSWORD: "p" }).login).toEqual({ username: "ada", password: "p" });
    expect(at({ REDIS_HOST: "redis" }).socket).toEqual({ host: "redis", port: 6379, tls: false });
    expect(at({ REDIS_HOST: "/run/redis.sock" }).socket).toEqual({ path: "/run/redis.sock", tls: false });
  });

  test.each([
    { REDIS_HOST: "redis://ada:QXZ@host" },
    { REDIS_HOST: "host/QXZ" },
    { REDIS_HOST: "QXZ@host" },
    { REDIS_PORT: "sixty" },
    { REDIS_PORT: "0" },
    { REDIS_PORT: "65536" },
    { REDIS_PORT: "tcp://:QXZ@host:1" },
    { REDIS_DB: "QXZ" },
    { REDIS_DB: "-1" },
    { REDIS_DB: "2x" },
    { REDIS_DB: "1000000000" },
    { REDIS_HOST: "x[::1]" },
    { REDIS_HOST: "[::1]x" },
    { REDIS_PORT: "0x1F" },
    { REDIS_PORT: "7x" },
    { REDIS_PORT: "1e3" },
    { REDIS_PORT: "xtcp://host:1" },
    { REDIS_PORT: "tcp://host:1x" },
  ] as Record<string, string>[])("%j is refused", (env) => {
    let error: any;
    try {
      at(env);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "HOLDFAST_REDIS_URL_INVALID" });
    expect(error.message).not.toContain("QXZ");
  });
});
