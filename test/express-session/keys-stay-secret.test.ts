/** The keys of the option `encrypt` are in nothing that is printed: not in what holds them, in signals, errors or the doctor. */
import { createHmac, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { doctor, sessionAdmin } from "holdfast/ops";
import { allowAgain, codes } from "../../lib/errors/index.js";
import { listen } from "../support/heard.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, Visitor } from "../support/web-site.js";

const redis = useRedis();
afterEach(() => vi.unstubAllEnvs());

const secret = "a secret for tests, long enough not to be warned of";
const [key, oldKey, strange] = [randomBytes(32), randomBytes(32), randomBytes(32)];
/** Each form in which a key could be printed, and that of a key that was derived from it. */
const forms = [key, oldKey, strange].flatMap((one) => [
  ...(["hex", "base64", "base64url"] as const).map((form) => one.toString(form).slice(0, 40)),
  inspect(one).slice(8, 40),
  [...one].slice(0, 12).join(","),
  [...one].slice(0, 12).join(", "),
]);
const shown = (value: unknown) => inspect(value, { depth: 8, showHidden: true, maxArrayLength: null }) + jsonOf(value);
const expectNone = (text: string) => {
  for (const form of forms) expect(text).not.toContain(form);
};

function jsonOf(value: unknown): string {
  const seen = new Set<unknown>();
  const once = (_name: string, one: unknown) => {
    if (typeof one !== "object" || one === null) return one;
    if (seen.has(one)) return undefined;
    seen.add(one);
    return one;
  };
  return JSON.stringify(value, once) ?? "";
}

test.each([
  ["from the option", { encrypt: [key, oldKey.toString("base64")] }],
  ["from the environment", { encrypt: true }],
])("%s", async (_where, options) => {
  vi.stubEnv("SESSION_ENCRYPTION_KEY", [key.toString("base64"), oldKey.toString("hex")].join(","));
  const client = await redis.client();
  await client.flushDb();
  const heard = listen();
  const warnings: unknown[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on("warning", note);
  allowAgain(codes.ENCRYPTION_KEY_UNKNOWN);
  const sessions = redisSession({ client, secret, layout: "hash", maxBytes: 2000, ...options } as never);
  const site = await startSite(sessions as never, async ({ session, sessionStore, sessionID }, res, url) => {
    session["user"] = "ada";
    if (url.pathname === "/large") session["large"] = "x".repeat(3000);
    if (url.pathname === "/strange") await sessionStore.destroy(sessionID);
    res.end();
  });
  const visitor = new Visitor(site);
  await visitor.get("/");
  expect((await visitor.get("/large")).status).toBe(500);
  const other = new RedisSessionStore({ client, encrypt: strange });
  await other.set("another", { cookie: {} } as never);
  expect(await new RedisSessionStore({ client, ...options } as never).get("another")).toBeNull();
  await visitor.get("/strange");
  await site.close();
  const errors: unknown[] = [];
  for (const wrong of [
    { encrypt: [key, key] },
    { encrypt: key.toString("base64").slice(1) },
    { encrypt: { [key.toString("hex")]: true } },
    { encrypt: { keys: key, write: key.toString("base64") } },
    { encrypt: key, hashIds: key.toString("base64") },
  ]) {
    try {
      redisSession({ client, secret, ...wrong } as never);
    } catch (error) {
      errors.push(error);
    }
  }
  expect(errors).toHaveLength(5);
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(0), { timeout: 15_000 });
  process.off("warning", note);
  for (const one of [sessions, sessions.store, sessionAdmin(sessions), heard, errors, warnings, await doctor(client)])
    expectNone(shown(one));
  expect(heard.length).toBeGreaterThan(0);
  // What a test that cannot fail would not see: the same look at something that does print it.
  expect(() => expectNone(shown({ key }))).toThrow();
  expect(() =>
    expectNone(shown({ key: createHmac("sha256", key).update("x"), text: key.toString("base64") })),
  ).toThrow();
});
