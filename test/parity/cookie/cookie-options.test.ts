/** Every cookie setting that express-session takes: the same line in the answer, and the same cookie in Redis. */
import fc from "fast-check";
import { Cookie } from "express-session";
import { expect, test } from "vitest";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { secret, useBench } from "../support/bench.js";
import { control, ours, type AnyCookieOptions, type Candidate } from "../support/middlewares.js";
import { setCookies } from "../support/site.js";

const bench = useBench();

const later = new Date("2040-01-02T03:04:05.000Z");
/** What express-session can send, and what it cannot; `undefined` counts as left out here, so it is not among them. */
const values: Record<string, { good: unknown[]; bad: unknown[] }> = {
  maxAge: {
    // None is so short that the session may or may not be gone when it is looked at.
    good: [null, false, 0, "", 7_000, 7_000.5, -1_000, 5_000_000_000, later],
    bad: [NaN, Infinity, -Infinity, 1e20, "1h", "5000", true, {}, [], new Date(NaN)],
  },
  expires: { good: [null, false, 0, "", 7_000, later], bad: ["2040-01-01", true, {}, new Date(NaN)] },
  domain: { good: [null, false, "", "example.com", ".example.com"], bad: ["a;b", "a b", "-a.com", "a_b", "ä.de", {}] },
  path: { good: [null, false, "", "/", "/a"], bad: ["/;", "/\n", "/é", 5, {}, true] },
  sameSite: {
    good: [null, false, true, "lax", "Strict", "NONE", ""],
    bad: ["lux", "true", 1, {}, "lax "],
  },
  priority: { good: [null, "", "low", "Medium", "HIGH"], bad: ["lowest", 1, true, {}] },
  httpOnly: { good: [null, true, false], bad: [] },
  secure: { good: [null, false], bad: [] }, // over plain HTTP a secure cookie is not sent
  partitioned: { good: [null, true, false], bad: [] },
};
const names = Object.keys(values);

/** An object with some of the settings, in any order: the later one of `maxAge` and `expires` counts. */
const settings = fc
  .shuffledSubarray(names)
  .chain((chosen) =>
    fc.tuple(...chosen.map((name) => fc.constantFrom(...values[name]!.good).map((value) => [name, value]))),
  )
  .map((entries) => Object.fromEntries(entries as [string, unknown][]));

async function seen(candidate: Candidate, cookie: object) {
  const site = await bench.site(candidate, { cookie: cookie as AnyCookieOptions }, (req, res) => {
    req.session.views = 1;
    res.end(req.sessionID);
  });
  const path = (cookie as { path?: string }).path || "/";
  const answer = await site.get(path.startsWith("/") ? path : "/");
  const stored = await bench.stored(answer.text);
  return {
    line: steady(setCookies(answer)[0]?.replace(/=s%3A[^;]+/, "")),
    stored: { ...stored, cookie: steady(stored?.["cookie"]) },
  };
}

/** Times move between the two requests; that they are there, and about when, is what counts. */
function steady(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  const near = (time: number) =>
    Math.abs(time - later.getTime()) < 1000 ? "later" : `in ${Math.round((time - Date.now()) / 10_000)}`;
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (date) => near(Date.parse(date)))
    .replace(/Expires=([^;"]+)/g, (_, date: string) => near(Date.parse(date)))
    .replace(/"originalMaxAge":(-?[\d.]+)/g, (_, age: string) => `age ${near(Date.now() + Number(age))}`);
}

test("generated settings, as an option", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (cookie) => {
      expect(await seen(ours, cookie)).toEqual(await seen(control, cookie));
    }),
    { numRuns: 150 },
  );
});

const create = (cookie: unknown) => redisSession({ client: bench.client, secret, cookie } as RedisSessionOptions);

test("what express-session could not send, at each request, is refused at the start, with the name of the setting", () => {
  for (const [name, { good, bad }] of Object.entries(values)) {
    for (const value of good) create({ [name]: value });
    for (const value of bad) {
      expect(() => create({ [name]: value })).toThrow(
        expect.objectContaining({
          code: "HOLDFAST_OPTION_INVALID",
          message: expect.stringContaining(`\`cookie.${name}\` must be`) as string,
        }),
      );
    }
  }
});

test("from a function of the request: refused at that request, with a code, and nothing is saved", async () => {
  for (const [name, { bad }] of Object.entries(values)) {
    for (const value of bad) {
      if (name === "path") continue; // tells which requests have a session at all
      const site = await bench.site(ours, { cookie: () => ({ [name]: value }) as AnyCookieOptions }, (req, res) => {
        req.session.views = 1;
        res.end("made");
      });
      const answer = await site.get();
      expect(answer.text).not.toBe("made");
      await expect
        .poll(() => site.errors.map((error) => (error as { code?: string }).code))
        .toEqual(["SESSION_COOKIE_INVALID"]);
      expect(await bench.ids()).toEqual([]);
    }
  }
});

test("a function that returns no object, or a promise: a code as well", async () => {
  for (const value of ["text", 5, Promise.resolve({})]) {
    const site = await bench.site(ours, { cookie: () => value as AnyCookieOptions }, (_req, res) => res.end());
    await site.get();
    await expect
      .poll(() => site.errors.map((error) => (error as { code?: string }).code))
      .toEqual(["SESSION_COOKIE_INVALID"]);
  }
});

test("settings that are inherited, and a Cookie of express-session, count as they do there", async () => {
  const inherited = Object.create({ httpOnly: false, path: "/a" }) as object;
  expect(await seen(ours, inherited)).toEqual(await seen(control, inherited));
  expect(
    await seen(ours, { sameSite: false, ...(new Cookie() as unknown as { data: object }).data } as object),
  ).toMatchObject({
    stored: { views: 1 },
  });
});
