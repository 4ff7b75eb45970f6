/**
 * A random move: visitors come through both stores in several processes, with overlapping requests, while the dial is
 * turned up and down, sessions are copied and compared, processes are killed and started, and Redis or the database stands
 * still. No acknowledged change is lost, nobody who logged out comes back, nobody is logged out.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Store, type SessionData } from "express-session";
import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { backfill, bucketOf, MigratingStore, rollback, verify } from "holdfast/migrate";
import { randomFrom } from "../drills/migration/migration-visitors.js";
import { MemorySource } from "../migrate/sources/memory-source.js";
import { twoStores } from "../migrate/two-stores.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { startSite, Visitor, type Site } from "../support/web-site.js";

const length = Number(process.env["HOLDFAST_PROGRAMS"] ?? 5);
const firstSeed = Number(process.env["HOLDFAST_SEED"] ?? 20_261_128);
const runs = Number(process.env["HOLDFAST_RUNS"] ?? 1);
const isVerbose = Boolean(process.env["HOLDFAST_VERBOSE"]);
const secret = "moving: a secret that is long enough for everyone";

const server = useRedis();
expectNothingUnhandled();

/** A process's connection to the database: after its death nothing goes out, and nothing is heard. */
class Connection extends Store {
  readonly #store: Store;
  readonly #delay: () => number;
  isDead = false;

  constructor(store: Store, delay: () => number) {
    super();
    this.#store = store;
    this.#delay = delay;
  }
  override get(sid: string, done: (error?: unknown, data?: SessionData | null) => void): void {
    void this.#send((back) => this.#store.get(sid, back), done);
  }
  override set(sid: string, data: SessionData, done?: (error?: unknown) => void): void {
    const copy = JSON.parse(JSON.stringify(data)) as SessionData;
    void this.#send((back) => this.#store.set(sid, copy, back), done);
  }
  override destroy(sid: string, done?: (error?: unknown) => void): void {
    void this.#send((back) => this.#store.destroy(sid, back), done);
  }
  override touch(sid: string, data: SessionData, done?: () => void): void {
    const copy = JSON.parse(JSON.stringify(data)) as SessionData;
    void this.#send((back) => this.#store.touch!(sid, copy, back), done);
  }
  async #send(ask: (back: (...answer: any[]) => void) => void, done: ((...answer: any[]) => void) | undefined) {
    await pause(this.#delay());
    if (this.isDead) return;
    ask((...answer) => {
      setTimeout(() => !this.isDead && done?.(...answer), this.#delay());
    });
  }
}

interface Process {
  readonly site: Site;
  kill(): void;
  close(): Promise<void>;
}

class Shopper {
  readonly name: string;
  cookie: string | undefined;
  sure: string[] = [];
  readonly maybe = new Set<string>();
  isIn = false;
  /** A logout was not answered. */
  isLeaving = false;
  readonly dead: string[] = [];
  lines = 0;

  constructor(name: string) {
    this.name = name;
  }
}

describe.each(Array.from({ length: runs }, (_, n) => firstSeed + n))("seed %i", (seed) => {
  test("no change is lost, nobody comes back, nobody is logged out", { timeout: 600_000 }, async () => {
    const random = randomFrom(seed);
    const fate = randomFrom(seed + 1);
    const pick = <T>(list: readonly T[], by = random): T => list[Math.floor(by() * list.length)]!;
    const on = await twoStores(server);
    const admin = await server.client();
    const source = new MemorySource(on.legacy);
    const stores = { source, redis: on.redis, control: on.control, trustSource: true };
    const wrong: unknown[] = [];
    const log: string[] = [];
    const begun = performance.now();
    const note = (what: string) => {
      log.push(`${Math.round(performance.now() - begun)} ${what}`);
      if (isVerbose) console.info(log.at(-1));
    };
    const processes: Process[] = [];
    const complain = (kind: string, who: Shopper, what: unknown) => {
      wrong.push({ kind, who: who.name, what, log: log.slice(-12) });
      note(`WRONG ${kind} ${who.name} ${JSON.stringify(what)}`);
    };

    const startProcess = async () => {
      const client = createClient({ url: server.url, socket: { reconnectStrategy: () => 5 } });
      client.on("error", () => {});
      await client.connect();
      const redis = new RedisSessionStore({
        client,
        prefix: on.redis.prefix,
        commandTimeout: 3000,
      });
      const legacy = new Connection(on.legacy, () => random() * 2);
      const store = new MigratingStore({ legacy, redis, key: on.key });
      const site = await startSite(redisSession({ store, secret }) as never, async (req, res, url) => {
        const value = url.searchParams.get("value")!;
        const call = (start: (done: (error?: unknown) => void) => void) =>
          new Promise<void>((resolve, reject) => start((error) => (error ? reject(error as Error) : resolve())));
        if (url.pathname === "/login") {
          await call((done) => req.session.regenerate(done));
          Object.assign(req.session, { user: value, cart: [] });
        } else if (url.pathname === "/logout") await call((done) => req.session.destroy(done));
        else if (url.pathname === "/add") {
          if (!req.session["user"]) return void ((res.statusCode = 401), res.end());
          const cart = req.session["cart"] as string[];
          await pause(random() * 4);
          req.session["cart"] = [...cart, value];
        }
        const { user = null, cart = [] } = req.session ?? {};
        res.end(JSON.stringify({ user, cart }));
      });
      const one: Process = {
        site,
        kill() {
          processes.splice(processes.indexOf(one), 1);
          legacy.isDead = true;
          client.destroy();
          void site.close();
        },
        async close() {
          processes.splice(processes.indexOf(one), 1);
          await site.close();
          await store.close();
          client.destroy();
        },
      };
      processes.push(one);
    };
    for (let n = 0; n < 3; n++) await startProcess();

    let requests = 0;
    let answered = 0;
    const visit = async (path: string, cookie: string | undefined) => {
      requests++;
      const { site } = pick(processes);
      const answer = await new Visitor(site, cookie)
        .get(path)
        .catch(() => ({ status: 0, body: "", cookie: undefined }));
      if (answer.status === 200) answered++;
      return answer;
    };
    const look = async (who: Shopper, isAlone: boolean) => {
      const { status, body } = await visit("/page", who.cookie);
      if (status !== 200) return false;
      const { user, cart } = JSON.parse(body) as { user: string | null; cart: string[] };
      if (user !== who.name) {
        complain("logged out", who, user);
        who.isIn = false;
        return true;
      }
      const missing = who.sure.filter((line) => !cart.includes(line));
      if (missing.length > 0) complain("lost", who, missing);
      if (cart.some((line) => !who.sure.includes(line) && !who.maybe.has(line))) complain("strange", who, cart);
      if (isAlone) {
        who.sure = [...new Set([...cart.filter((line) => who.maybe.has(line)), ...who.sure])].filter((l) =>
          cart.includes(l),
        );
        for (const line of who.sure) who.maybe.delete(line);
      }
      return true;
    };
    const add = async (who: Shopper, isLate = false) => {
      const line = `${who.name}-${who.lines++}`;
      who.maybe.add(line);
      const { status } = await visit(`/add?value=${line}`, who.cookie);
      if (status === 401 && !isLate) {
        complain("logged out", who, line);
        who.isIn = false;
      }
      if (status === 200 && !isLate) {
        who.maybe.delete(line);
        who.sure.push(line);
      }
    };
    const ended = new Map<string, string>();
    const leave = async (who: Shopper, how = "alone") => {
      const { cookie } = who;
      const at = Math.round(performance.now() - begun);
      const { status } = await visit("/logout", cookie);
      who.isLeaving = status !== 200;
      if (status !== 200) return;
      who.isIn = false;
      who.dead.push(cookie!);
      ended.set(cookie!, `${at}-${Math.round(performance.now() - begun)} ${how}`);
    };
    const act = async (who: Shopper) => {
      const dice = random();
      if (who.isLeaving) return leave(who);
      if (!who.isIn) {
        if (who.dead.length > 0 && dice < 0.4) return lookBack(who, who.dead.at(-1)!);
        const { status, cookie } = await visit(`/login?value=${who.name}`, undefined);
        if (status !== 200 || !cookie) return;
        Object.assign(who, { cookie, isIn: true, sure: [] });
        who.maybe.clear();
        return;
      }
      if (dice < 0.3) return void (await look(who, true));
      if (dice < 0.6) return add(who);
      if (dice < 0.85)
        return void (await Promise.all([add(who), visit("/page", who.cookie), visit("/page", who.cookie)]));
      // Without Redis, a save that overlaps the logout brings a session of the database back, as before the move.
      const late =
        dice < 0.95 && isProtected && !isRedisAway
          ? [add(who, true), visit("/page", who.cookie), visit("/page", who.cookie)]
          : [];
      who.isLeaving = true;
      await Promise.all([leave(who, late.length > 0 ? "late" : "alone"), ...late]);
    };
    const lookBack = async (who: Shopper, cookie: string) => {
      const { status, body } = await visit("/page", cookie);
      if (status !== 200) return;
      const { user } = JSON.parse(body) as { user: string | null };
      if (user === null) return;
      const sid = decodeURIComponent(cookie).split("s:")[1]!.split(".")[0]!;
      complain("back in", who, {
        user,
        ended: ended.get(cookie),
        bucket: bucketOf(sid),
        legacy: Boolean(on.legacy.texts[sid]),
        redis: await admin.get(on.redis.prefix + sid),
      });
    };

    const shoppers = Array.from({ length: 12 }, (_, n) => new Shopper(`v${n}`));
    let isOver = false;
    let [isProtected, isRedisAway] = [false, false];
    const shopping = Promise.all(
      shoppers.map(async (who) => {
        while (!isOver) {
          await act(who);
          await pause(random() * 30);
        }
      }),
    );

    const compare = async () => {
      const { version } = await on.control.read();
      const { differing, onlyLegacy, onlyRedis, repaired } = await verify({ ...stores, repair: true, endMany: true });
      if (differing + onlyLegacy + onlyRedis - repaired > 0) throw new Error("the stores differ");
      if (!(await on.move.noteVerified(version))) throw new Error("the move went on");
    };
    const steps: Record<string, () => Promise<unknown>> = {
      start: () => on.move.start(),
      backfill: async () => {
        const stop = new AbortController();
        await backfill({ ...stores, signal: stop.signal, rate: 400, onProgress: () => fate() < 0.3 && stop.abort() });
      },
      verify: compare,
      turn: () => on.move.turn(pick([0, 10, 30, 50, 70, 100], fate)),
      up: () => on.move.turn(100),
      finish: () => on.move.finish(),
      rollback: () => rollback({ ...stores, move: on.move, endMany: true }),
    };
    /** Overlapping requests that rely on it are done first. */
    const withoutRedis = async () => {
      isRedisAway = true;
      await pause(100);
    };
    const faults: Record<string, () => Promise<unknown>> = {
      kill: async () => {
        if (processes.length > 1) pick(processes, fate).kill();
        await startProcess();
      },
      replace: async () => {
        await startProcess();
        await pick(processes, fate).close();
      },
      freeze: async () => {
        await withoutRedis();
        server.process.kill("SIGSTOP");
        await pause(200 + fate() * 600);
        server.process.kill("SIGCONT");
        await pause(100);
        isRedisAway = false;
      },
      hang: async () => {
        on.legacy.mood = "hanging";
        await pause(200 + fate() * 600);
        on.legacy.release();
      },
      cut: async () => {
        await withoutRedis();
        await on.client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        await pause(100);
        isRedisAway = false;
      },
    };
    const nextStep = async () => {
      const { phase, verified, dial, doubt } = await on.control.read();
      if (phase === "off") return "start";
      if (fate() < 0.08) return "rollback";
      if (phase === "finished") return pick(["rollback", "turn"], fate);
      if (verified === undefined || doubt !== undefined) return pick(["backfill", "verify", "verify"], fate);
      return pick(["turn", "turn", "turn", "up", "verify", dial === 100 ? "finish" : "turn"], fate);
    };
    await pause(300);
    for (let n = 0; n < length; n++) {
      const { phase, dial } = await on.control.read();
      const step = await nextStep();
      if (step === "rollback") isProtected = false;
      const fault = fate() < 0.5 ? pick(Object.keys(faults), fate) : undefined;
      note(`${step}${fault ? ` with ${fault}` : ""} (${phase} ${dial})`);
      const striking = fault && pause(fate() * 300).then(() => faults[fault]!());
      const outcome = await steps[step]!().then(
        () => "done",
        (error: Error) => error.message.slice(0, 150),
      );
      note(`${step}: ${outcome}`);
      await striking;
      if (outcome === "done") isProtected = step !== "rollback";
      if (/verify/.test(outcome))
        note(
          `compare: ${await compare().then(
            () => "done",
            (error: Error) => error.message.slice(0, 100),
          )}`,
        );
      await pause(fate() * 200);
    }
    isOver = true;
    await shopping;
    // Nothing fails any more, and everybody looks once more.
    for (const who of shoppers) {
      for (let n = 0; n < 100 && who.isLeaving; n++) await leave(who);
      for (let n = 0; n < 100 && who.isIn && !(await look(who, true)); n++) await pause(20);
      for (const cookie of who.dead) await lookBack(who, cookie);
    }
    note(`${answered} of ${requests} answered`);
    while (processes.length > 0) await processes[0]!.close();
    await on.close();
    if (wrong.length > 0) console.info(`seed ${seed}\n${log.join("\n")}`);
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThan(requests / 2);
  });
});
