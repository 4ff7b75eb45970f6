/**
 * Drill: 500 visitors move from PostgreSQL to Redis, and in a second run back again, while processes are killed, Redis
 * freezes and PostgreSQL is restarted. Nobody is logged out, nobody who logged out is back, no cart line is lost.
 */
import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { backfill, Move, MoveControl, openSource, rollback, verify, type Source } from "holdfast/migrate";
import { freePort } from "../../support/servers/free-port.js";
import { poolOf, type TestPool } from "../../support/servers/postgres-server.js";
import { redisServerPath } from "../../support/programs.js";
import { startRedis, type TestRedis } from "../../support/servers/redis-server.js";
import { hasPostgres, startRestartablePostgres, type RestartablePostgres } from "./migration-postgres.js";
import { Crowd, randomFrom } from "./migration-visitors.js";
import { repositoryOf } from "../../../lib/express-session/index.js";

const size = 500;
/** Sessions of visitors who do not come while it happens. */
const idle = 1500;
/** Milliseconds between two requests of a visitor, on average. */
const think = 1400;
/** Milliseconds that each step is watched. */
const dwell = 2500;

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Not dist/, which a build that runs at the same time empties. */
const library = join(root, ".build", `migration-${process.pid}`);
const isReady = hasPostgres && redisServerPath !== undefined;
if (!isReady && process.env["CI"]) throw new Error("The drill of the move needs postgresql and redis-server.");
if (!isReady)
  console.info("drill: the move: left out, for it needs PostgreSQL: apt-get install postgresql redis-server");

describe.skipIf(!isReady)("a migration", () => {
  let postgres: RestartablePostgres;
  let redis: TestRedis;
  let pool: TestPool;
  let source: Source;
  const killedAt: number[] = [];
  beforeAll(() => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const args = [tsc, "-p", "tsconfig.build.json", "--declaration", "false", "--outDir", library];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`the package could not be built:\n${stdout}`);
  });
  afterAll(() => rmSync(library, { recursive: true, force: true }));
  beforeEach(async () => {
    postgres = await startRestartablePostgres();
    redis = await startRedis({ kind: "redis" });
    pool = poolOf(postgres.url);
    const script = createRequire(import.meta.url).resolve("connect-pg-simple/table.sql");
    await pool.query(readFileSync(script, "utf8"));
    const { markerId } = new MoveControl((await redis.client()) as never);
    await pool.query(countWrites(markerId));
    source = await openSource({ url: postgres.url });
  });
  afterEach(async () => {
    await source.close();
    await pool.end();
    await redis.stop();
    await postgres.stop();
  });

  test(
    "to Redis: every acknowledged change is in Redis, and the database is no longer used",
    { timeout: 120_000 },
    () => run("there", Number(process.env["DRILL_SEED"] ?? Date.now() % 1e6)),
  );
  test(
    "back to the database: it has every session again, and the app without this package reads them",
    { timeout: 120_000 },
    () => run("back", Number(process.env["DRILL_SEED"] ?? Date.now() % 1e6)),
  );

  async function run(direction: "there" | "back", seed: number): Promise<void> {
    const [random, fate] = [randomFrom(seed), randomFrom(seed + 1)]; // what happens does not hang on who came first
    const client = await redis.client();
    const control = new MoveControl(client as never);
    const move = new Move(control, { silence: 4 });
    const store = new RedisSessionStore({ client });
    const site = await startShop(postgres.url, redis.url);
    const crowd = new Crowd(site.port, size, random);
    await addIdleSessions(pool);
    await crowd.begin(think);

    const stores = { source, redis: store, control };
    const set = (dial: number): [string, () => Promise<unknown>] => [`set ${dial}`, () => move.turn(dial, { onWait })];
    const compare = async () => {
      const { version } = await control.read();
      const result = await verify({ ...stores, repair: true });
      const left = result.differing + result.onlyLegacy + result.onlyRedis - result.repaired;
      if (left > 0 || !(await move.noteVerified(version))) throw new Error("the stores differ, or the move went on");
    };
    const steps: [string, () => Promise<unknown>][] = [
      ["(before)", async () => {}],
      ["start", () => move.start({ onWait })],
      [
        "backfill",
        async () => {
          const stop = new AbortController();
          const { signal } = stop;
          const half = (idle + size) * (0.2 + 0.6 * fate());
          const options = { ...stores, rate: 2000 };
          await backfill({ ...options, signal, onProgress: ({ read }) => read > half && stop.abort() });
          const { isComplete } = await backfill(options);
          if (!isComplete) throw new Error("the backfill is not complete");
        },
      ],
      ["verify", compare],
      ...[10, 50, 100, 50, 100].slice(0, direction === "there" ? 5 : 4).map(set),
      ...(direction === "there"
        ? ([
            ["verify", compare],
            ["finish", () => move.finish({ onWait })],
          ] as [string, () => Promise<unknown>][])
        : ([["rollback", () => rollback({ ...stores, move, onWait })]] as [string, () => Promise<unknown>][])),
    ];
    const faults = ["kill", "freeze", "restart"].map((kind) => ({
      kind,
      step: 1 + Math.floor(fate() * (steps.length - 1)),
      after: Math.round(fate() * dwell),
    }));
    const shown = faults.map(({ kind, step, after }) => `${kind} ${after} ms into ${steps[step]![0]} (${step})`);
    console.info(`drill: the move ${direction}: seed ${seed}; ${shown.join(", ")}`);

    const table: Record<string, string | number>[] = [];
    for (const [index, [name, act]] of steps.entries()) {
      const before = { ...crowd.counts };
      const under = faults.filter(({ step }) => step === index).map((fault) => strike(fault.kind, fault.after));
      const began = performance.now();
      const tries = await insist(act, compare);
      const took = performance.now() - began;
      await Promise.all(under); // what is measured is the rate when all is well
      const [views, writes] = [crowd.counts.views, await writesTo(pool)];
      await pause(dwell);
      const { phase, dial } = await control.read();
      const perView = ((await writesTo(pool)) - writes) / (crowd.counts.views - views);
      table.push({
        step: name,
        dial: phase === "moving" ? dial : phase,
        requests: crowd.counts.requests - before.requests,
        failed: crowd.counts.failed - before.failed,
        "writes per page view": perView.toFixed(3),
        seconds: (took / 1000).toFixed(1),
        tries,
      });
    }
    await crowd.stop();
    if (direction === "back") {
      await site.close();
      const old = await startShop(postgres.url);
      crowd.port = old.port;
      await crowd.lookAtAll();
      await old.close();
    } else {
      await crowd.lookAtAll();
      await site.close();
    }
    crowd.close();
    const idleLeft = direction === "there" ? await idleInRedis(store) : await idleInTable(source);
    console.info(tableOf(table));
    const many = (kind: string) => crowd.complaints.filter((complaint) => complaint.kind === kind).length;
    const summary = { "logged out": many("logged out"), "back in": many("back in"), lost: many("lost") };
    console.info(`drill: the move ${direction}: ${JSON.stringify({ ...summary, ...crowd.counts, idleLeft })}`);
    expect(crowd.complaints).toEqual([]);
    // A connection that was handed to a process in its last moment has nobody to answer; any other is answered.
    for (const began of crowd.unanswered)
      expect(Math.min(...killedAt.map((at) => Math.abs(at - began)))).toBeLessThan(1500);
    expect(idleLeft).toBe(idle);
    expect(crowd.counts.views).toBeGreaterThan(5 * size);
    if (direction === "there") expect(table.at(-1)!["writes per page view"]).toBe("0.000");
  }

  async function strike(kind: string, after: number): Promise<void> {
    await pause(after);
    if (kind === "restart") return postgres.restart();
    if (kind === "kill") {
      killedAt.push(performance.now());
      return shops.at(-1)!.killOne();
    }
    redis.process.kill("SIGSTOP");
    await pause(2000);
    redis.process.kill("SIGCONT");
  }
});

const isVerbose = Boolean(process.env["DRILL_VERBOSE"]);
let waited = "";
function onWait(what: string): void {
  if (isVerbose && what !== waited) console.info(`drill: waits for ${what}`);
  waited = what;
}

/** As whoever types the commands would: what is refused for a doubt is compared and repaired first, then tried again. */
async function insist(act: () => Promise<unknown>, compare: () => Promise<void>): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await act();
      return tries;
    } catch (error) {
      if (isVerbose) console.info(`drill: refused: ${String(error)}`);
      if (tries === 30) throw error;
      await pause(200);
      if (/verify/.test(String(error))) await compare().catch(() => {});
      if (/has already begun|nothing to roll back/.test(String(error))) return tries;
    }
  }
}

interface Shop {
  readonly port: number;
  killOne(): Promise<void>;
  close(): Promise<void>;
}
const shops: Shop[] = [];

async function startShop(database: string, redis?: string): Promise<Shop> {
  const port = await freePort();
  const script = fileURLToPath(new URL("./migration-site.mjs", import.meta.url));
  const child: ChildProcess = fork(script, [String(port), database, library, ...(redis ? [redis] : [])], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const pids: number[] = [];
  child.on("message", ({ pid }: { pid: number }) => void pids.push(pid));
  const listening = async (count: number) => {
    while (pids.length < count) await once(child, "message");
  };
  const shop: Shop = {
    port,
    async killOne() {
      const count = pids.length;
      process.kill(pids[count - 2]!, "SIGKILL");
      pids.splice(count - 2, 1, pids[count - 2]!); // it stays in the list; two are alive after the next message
      await listening(count + 1);
    },
    async close() {
      const gone = once(child, "exit");
      child.disconnect(); // and its workers end with it
      await gone;
    },
  };
  await listening(2);
  shops.push(shop);
  return shop;
}

/**
 * PostgreSQL's own counters appear seconds later; a sequence counts at once, and whatever becomes of the transaction. The
 * marker, in which each process notes the phase that it follows, is no session: it may be written just after a step.
 */
const countWrites = (marker: string) => `
  CREATE SEQUENCE writes;
  CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF COALESCE(NEW.sid, OLD.sid) <> '${marker}' THEN PERFORM nextval('writes'); END IF;
      RETURN NULL;
    END $$;
  CREATE TRIGGER count_writes AFTER INSERT OR UPDATE OR DELETE ON session FOR EACH ROW EXECUTE FUNCTION count_write()`;

async function writesTo(pool: TestPool): Promise<number> {
  return Number(await ask(pool, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM writes"));
}

async function ask(pool: TestPool, query: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      return String((await pool.query(query)).rows[0].n);
    } catch (error) {
      if (tries === 50) throw error;
      await pause(100);
    }
  }
}

const idleId = (i: number) => `idle-visitor-${i}`;

async function addIdleSessions(pool: TestPool): Promise<void> {
  const cookie = `{"originalMaxAge":3600000,"expires":"2020-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}`;
  await pool.query(
    `INSERT INTO session (sid, sess, expire) SELECT 'idle-visitor-' || i, json_build_object('cookie', $1::json, 'user', 'idle-' || i),
      now() + interval '1 hour' FROM generate_series(0, ${idle - 1}) AS i`,
    [cookie],
  );
}

async function idleInRedis(store: RedisSessionStore): Promise<number> {
  let found = 0;
  for (let i = 0; i < idle; i++) {
    const data = (await store.get(idleId(i))) as { user?: string } | null;
    if (data?.user === `idle-${i}` && (await repositoryOf(store).transfer.secondsLeft(idleId(i))) > 1800) found++;
  }
  return found;
}

async function idleInTable(source: Source): Promise<number> {
  const rows = await source.find(Array.from({ length: idle }, (_, i) => idleId(i)));
  return [...rows.values()].filter(({ expires }) => expires > Date.now() + 1_800_000).length;
}

function tableOf(rows: Record<string, string | number>[]): string {
  const names = Object.keys(rows[0]!);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const text = lines.map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`);
  text.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return text.join("\n");
}
