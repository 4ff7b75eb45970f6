// npm run bench:backfill: how fast a backfill copies sessions from PostgreSQL to Redis, and with how much memory, beside what
// either of them can do alone. See docs/performance.md.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createWriteStream, openSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { commandLine, numberOption } from "../../scripts/command-line.mjs";
import { stopAll, stopAtEnd } from "../processes.mjs";
import { startPostgres, startRedis } from "../servers.mjs";
import { sampleSession } from "../session.mjs";

const { rows: count } = commandLine(
  "npm run bench:backfill --",
  "How fast a backfill copies sessions: docs/performance.md.",
)
  .addOption(numberOption("--rows <n>", "sessions to copy", { usual: 1_000_000 }))
  .parse()
  .opts();
const say = (text) => process.stderr.write(`${text}\n`);

try {
  await main();
} finally {
  await stopAll();
}

async function main() {
  const [postgres, redis] = [await startPostgres(), await startRedis()];
  stopAtEnd(postgres.stop);
  stopAtEnd(redis.stop);
  const pool = new pg.Pool({ connectionString: postgres.url });
  stopAtEnd(() => pool.end());
  const cookie = { originalMaxAge: 86_400_000, expires: "2020-01-01T00:00:00.000Z", httpOnly: true, path: "/" };
  const text = JSON.stringify({ cookie, ...sampleSession(1) });
  say(`${count} rows of ${text.length} bytes`);
  await pool.query(
    'CREATE TABLE session (sid varchar NOT NULL COLLATE "default" PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)',
  );
  await pool.query(
    "INSERT INTO session SELECT md5(n::text) || lpad(n::text, 8, '0'), $1::json, now() + interval '1 day' FROM generate_series(1, $2::int) n",
    [text, count],
  );
  await pool.query("VACUUM ANALYZE session");

  const file = join(tmpdir(), `holdfast-bench-${process.pid}.txt`);
  stopAtEnd(() => rmSync(file, { force: true }));
  const copy = await seconds(() => copyToStdout(postgres.url));
  await writeProtocol(file, text);
  const pipe = await seconds(() => pipeInto(redis.port, file));
  execFileSync("redis-cli", ["-p", String(redis.port), "FLUSHALL"]);

  say("backfill");
  const script = new URL("backfill-process.mjs", import.meta.url).pathname;
  const child = spawnSync(process.execPath, [...process.execArgv, script, postgres.url, redis.url], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error("the backfill failed");
  const { copied, took, megabytes } = JSON.parse(child.stdout);
  const rows = [
    ["PostgreSQL alone: COPY ... TO STDOUT", count / copy],
    ["Redis alone: redis-cli --pipe", count / pipe],
    ["backfill", copied / took],
  ];
  for (const [name, rate] of rows)
    process.stdout.write(`${name.padEnd(40)}${Math.round(rate).toLocaleString("en")} rows/s\n`);
  process.stdout.write(`rows copied ${copied} of ${count}, most memory ${Math.round(megabytes)} MB\n`);
}

async function copyToStdout(url) {
  say("COPY TO STDOUT");
  const psql = spawn("psql", [url, "-c", "COPY session TO STDOUT"], {
    stdio: ["ignore", openSync("/dev/null", "w"), "inherit"],
  });
  const [code] = await once(psql, "exit");
  if (code !== 0) throw new Error("psql failed");
}

/** The commands that redis-cli sends, as it wants them: one SET for each session. */
async function writeProtocol(path, text) {
  const out = createWriteStream(path);
  const part = (value) => `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  const tail = part(text) + part("EX") + part("86400");
  for (let n = 1; n <= count; n++) {
    if (!out.write(`*5\r\n${part("SET")}${part(`sess:${String(n).padStart(40, "0")}`)}${tail}`))
      await once(out, "drain");
  }
  out.end();
  await once(out, "close");
}

async function pipeInto(port, path) {
  say("redis-cli --pipe");
  const cli = spawn("redis-cli", ["-p", String(port), "--pipe"], { stdio: [openSync(path, "r"), "ignore", "inherit"] });
  const [code] = await once(cli, "exit");
  if (code !== 0) throw new Error("redis-cli failed");
}

async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
