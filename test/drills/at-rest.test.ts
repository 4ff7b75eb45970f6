/**
 * docs/guides/at-rest.md on a live site: two processes are replaced one after the other, step by step, there and back, while
 * visitors go on. Nobody is logged out, no change is lost, and who logs out stays out.
 */
import { randomBytes } from "node:crypto";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, sum, type RedisSessionMiddleware } from "holdfast";
import { doctor } from "holdfast/ops";
import { secret } from "../promises/candidates.js";
import { pause } from "../support/load.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { startSite, type Site } from "../support/web-site.js";

const [newKey, oldKey] = [randomBytes(32), randomBytes(32)];
const redis = useRedis();
expectNothingUnhandled();
let admin: RedisClientType;
beforeAll(async () => {
  admin = await redis.client();
});
beforeEach(() => admin.flushDb());

type Options = Record<string, unknown>;

/** A process of the app. */
class Process {
  readonly #sessions: RedisSessionMiddleware;
  readonly #site: Site;
  readonly #client: RedisClientType;
  #underWay = 0;

  private constructor(sessions: RedisSessionMiddleware, site: Site, client: RedisClientType) {
    this.#sessions = sessions;
    this.#site = site;
    this.#client = client;
  }

  static async start(options: Options): Promise<Process> {
    const client = await redis.client();
    const common = { client, secret, merge: { count: sum }, touchInterval: 0 };
    const sessions = redisSession({ ...common, ...options } as never) as RedisSessionMiddleware;
    const site = await startSite(sessions as never, async (req, res, url) => {
      const { session } = req;
      const name = url.pathname.slice(1);
      if (name === "login") Object.assign(session, { user: url.searchParams.get("user"), count: 0, things: {} });
      else if (name === "logout") return void session.destroy(() => res.end());
      else if (name === "add" && session["user"]) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4)); // so that requests overlap
        session["count"]++;
        session["things"][url.searchParams.get("thing")!] = true;
      }
      res.end(JSON.stringify({ user: session["user"] ?? null, count: session["count"], things: session["things"] }));
    });
    return new Process(sessions, site, client);
  }

  async get(path: string, cookie?: string): Promise<{ body: any; cookie: string | undefined; status: number }> {
    this.#underWay++;
    try {
      const answer = await fetch(this.#site.url + path, cookie === undefined ? {} : { headers: { cookie } });
      const text = await answer.text();
      const body: unknown = answer.status === 200 && text ? JSON.parse(text) : text;
      return { body, status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(";")[0] };
    } finally {
      this.#underWay--;
    }
  }

  /** Once nobody waits for an answer any more. */
  async stop(): Promise<void> {
    while (this.#underWay > 0) await pause(5);
    await this.#sessions.close();
    await this.#site.close();
    this.#client.destroy();
  }
}

/** Who visits, whichever process answers, and what they must find. */
class Visitors {
  readonly #processes: readonly Process[];
  readonly wrong: unknown[] = [];
  #visits = 0;
  #isOver = false;
  #running: Promise<unknown> | undefined;

  constructor(processes: readonly Process[]) {
    this.#processes = processes;
  }

  get visits(): number {
    return this.#visits;
  }

  start(count: number): void {
    this.#running = Promise.all(Array.from({ length: count }, (_, n) => this.#live(`user-${n}`, n)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  #get(path: string, cookie?: string) {
    this.#visits++;
    return this.#processes[Math.floor(Math.random() * this.#processes.length)]!.get(path, cookie);
  }

  /** Logs in, does something, and one in three logs out and begins again. */
  async #live(user: string, n: number): Promise<void> {
    let things: string[] = [];
    let cookie: string | undefined;
    for (let round = 0; !this.#isOver; round++) {
      if (cookie === undefined) {
        ({ cookie } = await this.#get(`/login?user=${user}`));
        things = [];
      }
      const added = [0, 1, 2].map((tab) => `${round}-${tab}`);
      const answers = await Promise.all(added.map((thing) => this.#get(`/add?thing=${thing}`, cookie)));
      things.push(...added);
      for (const { body, status } of answers)
        if (status !== 200 || body.user !== user) this.wrong.push({ user, round, status, body });
      const { body } = await this.#get("/read", cookie);
      const lost = things.filter((thing) => body.things?.[thing] !== true);
      if (body.user !== user || lost.length > 0 || body.count !== things.length)
        this.wrong.push({ user, round, found: body.user, count: [body.count, things.length], lost });
      if (n % 3 === 0 && round % 4 === 3) await this.#logOut(user, cookie!).then(() => (cookie = undefined));
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 10));
    }
  }

  async #logOut(user: string, cookie: string): Promise<void> {
    // Other tabs save while it happens.
    await Promise.all([
      this.#get("/add?thing=late", cookie),
      this.#get("/logout", cookie),
      this.#get("/add?thing=later", cookie),
    ]);
    for (let look = 0; look < 4; look++) {
      const { body } = await this.#get("/read", cookie);
      if (body.user !== null) this.wrong.push({ user, revived: body });
    }
  }
}

/** What the page says: go on when the doctor finds nothing mixed. */
async function untilUniform(): Promise<void> {
  const found = async () => (await doctor(admin)).find(({ check }) => check === "at-rest")!;
  await expect.poll(found, { timeout: 30_000, interval: 300 }).toMatchObject({ level: "ok" });
}

interface Step {
  readonly options: Options;
  /** Before it. */
  readonly isWaitedFor?: boolean;
}

async function walk(first: Options, steps: readonly Step[]): Promise<void> {
  const processes = [await Process.start(first), await Process.start(first)];
  const visitors = new Visitors(processes);
  visitors.start(9);
  const someVisits = async () => {
    const before = visitors.visits;
    await expect.poll(() => visitors.visits, { timeout: 30_000 }).toBeGreaterThan(before + 150);
  };
  await someVisits();
  for (const [number, { options, isWaitedFor }] of steps.entries()) {
    if (isWaitedFor) await untilUniform();
    for (const i of [0, 1]) {
      const old = processes[i]!;
      processes[i] = await Process.start(options);
      await old.stop();
      await someVisits();
      expect({ number, options: Object.keys(options), wrong: visitors.wrong }).toMatchObject({ wrong: [] });
    }
  }
  await visitors.stop();
  expect(visitors.wrong).toEqual([]);
  for (const process of processes) await process.stop();
}

describe.each(["json", "hash"] as const)("layout %s, while visitors go on", (layout) => {
  const at = (options: Options, isWaitedFor = false): Step => ({ options: { layout, ...options }, isWaitedFor });

  test("encryption is switched on, gets a new key, and is switched off", { timeout: 120_000 }, async () => {
    await walk({ layout }, [
      at({ encrypt: { keys: oldKey, write: false } }),
      at({ encrypt: oldKey }),
      at({ encrypt: { keys: oldKey, onlyEncrypted: true } }, true),
      at({ encrypt: { keys: [oldKey, newKey], onlyEncrypted: true } }),
      at({ encrypt: { keys: [newKey, oldKey], onlyEncrypted: true } }),
      at({ encrypt: { keys: newKey, onlyEncrypted: true } }, true),
      at({ encrypt: newKey, compress: 1 }),
      at({ encrypt: { keys: newKey, write: false } }),
      at({}, true),
    ]);
  });

  test("ids are hashed, and are themselves again", { timeout: 120_000 }, async () => {
    await walk({ layout }, [
      at({ hashIds: "prepare" }),
      at({ hashIds: "move", encrypt: { keys: newKey, write: false } }),
      at({ hashIds: true, encrypt: newKey }, true),
      at({ hashIds: "move", encrypt: newKey, nearCache: {} }),
      at({ hashIds: "prepare", encrypt: { keys: newKey, write: false } }),
      at({ hashIds: false, encrypt: { keys: newKey, write: false } }, true),
    ]);
  });
});
