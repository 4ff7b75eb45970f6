/**
 * Overlapping logins, logouts, ended devices and new passwords of the same users in four processes, while connections are
 * cut, scripts are flushed and Redis pauses. What was acknowledged holds: whoever was logged out, in whatever way, never
 * comes back, whoever did nothing wrong stays, the list of a user's logins is that of the sessions that work, and nobody
 * sees what another user left.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisSession, type RedisSessionMiddleware } from "holdfast";
import { hashPassword, localAuth, RedisAccounts, type LocalAuth } from "holdfast/auth";
import { randomFrom } from "../drills/migration/migration-visitors.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { startSite, Visitor, type Site } from "../support/web-site.js";
import { clientOf } from "./clients.js";

const rounds = Number(process.env["HOLDFAST_PROGRAMS"] ?? 16);
const seed = Number(process.env["HOLDFAST_SEED"] ?? 20_261_128);
const secret = "logins: a secret that is long enough for everyone";

const redis = useRedis();
expectNothingUnhandled();
let admin: RedisClientType;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  admin = await redis.client();
});
afterAll(async () => {
  for (const end of ends) await end();
});

const forms = [
  { client: "redis", layout: "json" },
  { client: "ioredis", layout: "json" },
  { client: "redis", layout: "hash" },
  { client: "redis", layout: "json", nearCache: {} },
];

interface Process {
  readonly site: Site;
  readonly auth: LocalAuth;
  readonly accounts: RedisAccounts;
}

async function startProcess({ client: kind, ...form }: (typeof forms)[number]): Promise<Process> {
  const client = await clientOf(kind, redis, ends);
  const sessions = redisSession({ ...form, client, secret, commandTimeout: 10_000 } as never) as RedisSessionMiddleware;
  const accounts = new RedisAccounts({ client });
  const auth = localAuth({ sessions, accounts, throttle: false, keeps: ["cart"] });
  const middleware: typeof sessions = ((req: never, res: never, next: (error?: unknown) => void) =>
    sessions(req, res, (error?: unknown) => (error ? next(error) : auth.middleware(req, res, next)))) as never;
  const site = await startSite(middleware as never, async (req, res, url) => {
    const given = (name: string) => url.searchParams.get(name) ?? "";
    const user = () => (req as { user?: { id: string } }).user?.id;
    const answer = (result: { ok: boolean; reason?: string }) => {
      if (result.ok) return;
      res.statusCode = result.reason === "unknown-device" ? 404 : 401;
    };
    const saw = user();
    await pause(Number(given("before")));
    const kind = url.pathname.slice(1);
    if (kind === "begin") await auth.begin(req, { id: given("user"), username: given("user"), createdAt: 1 });
    if (kind === "login") answer(await auth.logIn(req, { username: given("name"), password: given("password") }));
    if (kind === "logout") await auth.logOut(req, res);
    if (kind === "others") answer(await auth.endOtherDevices(req));
    if (kind === "end") answer(await auth.endDevice(req, given("device")));
    if (kind === "password") answer(await auth.changePassword(req, { current: given("from"), next: given("to") }));
    if (kind === "write" && user() === undefined) res.statusCode = 401;
    else if (kind === "write") {
      const owners = (req.session["owners"] ??= []) as string[];
      owners.push(user()!);
    }
    await pause(Number(given("after")));
    const { login, owners } = req.session ?? {};
    const devices = kind === "me" ? (await auth.devices(req)).map(({ id }) => id) : undefined;
    res.end(JSON.stringify({ saw, user: user() ?? null, device: (login as any)?.device, owners, devices }));
  });
  ends.push(async () => (await sessions.close(), site.close()));
  return { site, auth, accounts };
}

/** A login and what it continued as: it gets new session ids, but was begun once. */
interface Lineage {
  readonly user: string;
  readonly began: { from: number; to: number };
  readonly password?: string | undefined;
  /** All cookies that stood for it, in the order in which they were sent. */
  readonly cookies: string[];
  readonly devices: string[];
}

interface Done {
  readonly kind: string;
  readonly user: string;
  readonly by: Lineage | undefined;
  readonly target?: string;
  readonly to?: string;
  readonly from: number;
  until: number;
  status: number;
}

interface Page {
  /** Who was logged in when the request began. */
  saw?: string;
  user: string | null;
  device?: string;
  owners?: string[];
  devices?: string[];
}

describe.each([
  { name: "nothing else happens", isTroubled: false },
  { name: "connections are cut, scripts flushed, Redis pauses", isTroubled: true },
])("while $name", ({ isTroubled }) => {
  test("who was logged out stays out, and who did nothing wrong stays in", { timeout: 600_000 }, async () => {
    const random = randomFrom(seed);
    const chance = (share: number) => random() < share;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const processes = await Promise.all(forms.map(startProcess));
    const trouble: (() => Promise<unknown>)[] = [
      () => admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]),
      () => admin.scriptFlush(),
      () => admin.sendCommand(["CLIENT", "PAUSE", "30", "ALL"]),
      () => admin.sendCommand(["CLIENT", "PAUSE", "20", "WRITE"]),
    ];
    const wrong: unknown[] = [];
    const counts: Record<string, number> = {};
    const visit = async (cookie: string | undefined, path: string, { site } = pick(processes)) => {
      const answer = await new Visitor(site, cookie).get(path);
      const name = `${path.split("?")[0]} ${answer.status}`;
      counts[name] = (counts[name] ?? 0) + 1;
      return answer;
    };
    const certainly = async (cookie: string | undefined, path: string, process?: Process) => {
      for (let tries = 0; ; tries++) {
        const answer = await visit(cookie, path, process);
        if (answer.status < 500 || tries === 200) return answer;
        await pause(10);
      }
    };
    const pageOf = async (cookie: string, process: Process) =>
      JSON.parse((await certainly(cookie, "/me", process)).body) as Page;

    for (let round = 0; round < rounds; round++) {
      const hasPassword = round % 8 === 3;
      const name = `${isTroubled ? "troubled" : "calm"}-${round}`;
      let user = name;
      const other = `other-${name}`;
      const [first, second] = ["the first password", "the second password"];
      if (hasPassword) {
        const account = await processes[0]!.accounts.create({
          username: name,
          passwordHash: await hashPassword(first),
        });
        user = (account as { id: string }).id;
      }
      const lineages: Lineage[] = [];
      const done: Done[] = [];
      const begin = async (before?: Lineage, who = user, password?: string) => {
        const from = performance.now();
        const cookie = before?.cookies.at(-1);
        const again: Done = { kind: "again", user: before?.user ?? "", by: before, from, until: Infinity, status: 0 };
        if (before) done.push(again);
        const path = password ? `/login?name=${name}&password=${password}` : `/begin?user=${who}`;
        const answer = await visit(
          cookie,
          `${path}&before=${Math.floor(random() * 4)}&after=${Math.floor(random() * 4)}`,
        );
        Object.assign(again, { until: performance.now(), status: answer.status });
        if (answer.status !== 200 || !answer.cookie) {
          if (answer.status < 401) wrong.push({ round, noCookie: answer.status });
          return;
        }
        const page = JSON.parse(answer.body) as Page;
        if (before && page.saw !== before.user) again.status = 401; // it came late, and logged in somebody anonymous
        if (page.user !== who) wrong.push({ round, loggedIn: page.user, insteadOf: who });
        const began = { from, to: performance.now() };
        lineages.push({ user: who, began, password, cookies: [answer.cookie], devices: [page.device!] });
      };
      const act = async (kind: string, by: Lineage, more: { target?: string; to?: string; query?: string } = {}) => {
        const { query = "", ...rest } = more;
        const one: Done = { kind, user: by.user, by, ...rest, from: performance.now(), until: Infinity, status: 0 };
        done.push(one);
        const wait = `before=${Math.floor(random() * 4)}&after=${Math.floor(random() * 4)}`;
        const answer = await visit(by.cookies.at(-1), `/${kind}?${wait}${query}`);
        one.status = answer.status;
        one.until = performance.now();
        if (answer.status !== 200) return;
        const page = JSON.parse(answer.body) as Page;
        if (kind === "logout" && page.saw === undefined) one.status = 401; // it came late, and logged out nobody
        if (kind !== "logout" && page.user !== by.user && page.user !== null)
          wrong.push({ round, kind, sees: page.user, insteadOf: by.user });
        if (answer.cookie && (kind === "others" || kind === "password")) {
          by.cookies.push(answer.cookie);
          by.devices.push(page.device!);
        }
      };

      for (let n = 0; n < 3; n++) await begin(undefined, user, hasPassword ? first : undefined);
      if (chance(0.3)) await begin(undefined, other);
      if (lineages.length === 0) continue;
      for (let burst = 0; burst < 2; burst++) {
        const existing = [...lineages];
        const troubled = isTroubled && chance(0.6) ? pause(random() * 8).then(() => pick(trouble)()) : undefined;
        const overlapping = Array.from({ length: 2 + Math.floor(random() * 6) }, async () => {
          await pause(random() * 6);
          const by = pick(existing);
          const dice = random();
          if (dice < 0.3) await act(chance(0.5) ? "write" : "read", by);
          else if (dice < 0.45) await act("logout", by);
          else if (dice < 0.6) await act("others", by);
          else if (dice < 0.75) {
            const target = pick(existing).devices.at(-1)!;
            await act("end", by, { target, query: `&device=${target}` });
          } else if (dice < 0.8 && hasPassword && by.user === user)
            await act("password", by, { to: second, query: `&from=${first}&to=${second}` });
          else if (dice < 0.83) {
            const one: Done = { kind: "all", user, by: undefined, from: performance.now(), until: Infinity, status: 0 };
            done.push(one);
            await pick(processes)
              .auth.endLogins(user)
              .then(
                () => (one.status = 200),
                () => (one.status = 503),
              );
            one.until = performance.now();
          } else if (dice < 0.88) await begin(by, chance(0.5) ? other : user);
          else await begin(undefined, user, hasPassword ? pick([first, second]) : undefined);
        });
        await Promise.all(overlapping);
        await troubled;
      }

      // Nothing happens any more: everybody is asked who they are, by a process without a near cache.
      const alive: { lineage: Lineage; page: Page; isLast: boolean }[] = [];
      const story = () => ({
        lineages: lineages.map(({ user: who, began, cookies, devices, password }, n) => ({
          n,
          who,
          password,
          from: began.from,
          to: began.to,
          cookies: cookies.length,
          devices,
        })),
        done: done.map(({ by, ...rest }) => ({ ...rest, by: by && lineages.indexOf(by) })),
      });
      for (const lineage of lineages) {
        const pages: Page[] = [];
        for (const cookie of lineage.cookies) pages.push(await pageOf(cookie, processes[(round + pages.length) % 3]!));
        const strange = pages.filter((page) => page.user !== null && page.user !== lineage.user);
        const foreign = pages.filter((page) => page.user && page.owners?.some((one) => one !== page.user));
        if (strange.length + foreign.length > 0) wrong.push({ round, strange, foreign, ...story() });
        for (const [n, page] of pages.entries())
          if (page.user !== null) alive.push({ lineage, page, isLast: n === pages.length - 1 });
        const lives = pages.some((page) => page.user !== null);
        const enders = done.filter((one) => endsBy(one, lineage));
        const sure = enders.filter(({ status, from, kind, to }) => {
          if (status !== 200) return false;
          if (kind === "password" && lineage.password !== undefined && lineage.password !== to) return true;
          return from > lineage.began.to;
        });
        if (lives && sure.length > 0)
          wrong.push({ round, cameBack: lineages.indexOf(lineage), sure: sure.map(({ kind }) => kind), ...story() });
        const own = done.filter(
          (one) => one.by === lineage && one.status >= 500 && one.kind !== "read" && one.kind !== "write",
        );
        if (!lives && enders.length === 0 && own.length === 0)
          wrong.push({ round, loggedOut: lineages.indexOf(lineage), ...story() });
      }
      for (const who of [user, other]) {
        const pages = alive.filter(({ page }) => page.user === who).map(({ page }) => page);
        const devices = pages.map(({ device }) => device!).toSorted();
        if (new Set(devices).size !== devices.length) wrong.push({ round, twice: devices, ...story() });
        for (const page of pages) {
          const listed = page.devices!.toSorted();
          const isRight = isTroubled ? devices.every((one) => listed.includes(one)) : listed.join() === devices.join();
          if (!isRight) wrong.push({ round, listed, devices, ...story() });
        }
      }
    }
    expect(counts["/begin 200"]).toBeGreaterThan(rounds); // what is checked must have happened
    expect(wrong).toEqual([]);
  });
});

/** Whether this may have ended the login. */
function endsBy(one: Done, lineage: Lineage): boolean {
  if (one.user !== lineage.user) return false;
  if (one.kind === "logout" || one.kind === "again") return one.by === lineage;
  if (one.kind === "end") return lineage.devices.includes(one.target!);
  if (one.kind === "others" || one.kind === "password") return one.by !== lineage;
  return one.kind === "all";
}
