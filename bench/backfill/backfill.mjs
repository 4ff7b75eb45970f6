// npm run bench:backfill: how fast a backfill copies sessions from PostgreSQL to Redis, and with how much memory, beside what
// either of them can do alone. See docs/performance.md.
import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { buildLibrary } from "../../scripts/built.mjs";
import { commandLine, numberOption } from "../../scripts/command-line.mjs";
import { publishDocuments, resultsFiles } from "../documents.mjs";
import { markdown } from "../loadtest/report/tables.mjs";
import { machine } from "../machine.mjs";
import { stopAtEnd } from "../processes.mjs";
import { runMain } from "../run-main.mjs";
import { startPostgres, startRedis } from "../servers.mjs";
import { sampleSession } from "../session.mjs";
import { partsPerRequest } from "../store/profile-parts.mjs";
import { backfillTables, captionOf } from "./tables.mjs";

const values = commandLine("npm run bench:backfill --", "How fast a backfill copies sessions: docs/performance.md.")
  .addOption(numberOption("--rows <n>", "sessions to copy", { usual: 500_000 }))
  .addOption(numberOption("--rounds <n>", "how often each is measured, by turns", { usual: 5 }))
  .option("--publish", "write the results to bench/results/, and the tables of the documents with them", false)
  .parse()
  .opts();
const { rows: count, rounds: roundCount } = values;
const say = (text) => process.stderr.write(`${text}\n`);
const cookie = { originalMaxAge: 86_400_000, expires: "2020-01-01T00:00:00.000Z", httpOnly: true, path: "/" };
const text = JSON.stringify({ cookie, ...sampleSession(1) });

await runMain(async () => {
  buildLibrary();
  const result = await main();
  for (const table of backfillTables({ copy: result })) say(`\n${table.title}\n\n${markdown(table)}`);
  say(`\n${captionOf(result)}`);
  if (values.publish) {
    writeFileSync(resultsFiles.backfill, `${JSON.stringify({ copy: result }, undefined, 2)}\n`);
    publishDocuments();
  }
});

async function main() {
  const on = await machine();
  const [postgres, redis] = [await startPostgres(), await startRedis()];
  const file = join(tmpdir(), `holdfast-bench-${process.pid}.txt`);
  const profile = `${file}.cpuprofile`;
  stopAtEnd(() => [file, profile].forEach((one) => rmSync(one, { force: true })));
  say(`${count} rows of ${text.length} bytes`);
  await fill(postgres.url);
  await writeProtocol(file);

  const measured = (kind) => measure(kind, { postgres, redis, file });
  const rounds = [];
  for (let round = 1; round <= roundCount; round++) {
    say(`round ${round} of ${roundCount}`);
    rounds.push({ copy: await measured("copy"), pipe: await measured("pipe"), backfill: await measured("backfill") });
  }
  say("profile");
  await emptyRedis(redis);
  await backfill(postgres, redis, profile);
  const parts = partsPerRequest(JSON.parse(readFileSync(profile, "utf8")));
  const quick = count < 100_000 || roundCount < 3;
  return { quick, machine: on, postgres: postgres.name, count, bytes: text.length, rounds, parts };
}

async function fill(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    'CREATE TABLE session (sid varchar NOT NULL COLLATE "default" PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)',
  );
  await client.query(
    "INSERT INTO session SELECT md5(n::text) || lpad(n::text, 8, '0'), $1::json, now() + interval '1 day' FROM generate_series(1, $2::int) n",
    [text, count],
  );
  await client.query("VACUUM ANALYZE session");
  await client.end();
}

/** The rows per second, and the processor time in microseconds per row that each process took. */
async function measure(kind, { postgres, redis, file }) {
  if (kind !== "copy") await emptyRedis(redis);
  const before = cpuOf({ postgres, redis });
  const start = performance.now();
  const ways = {
    copy: () => copyToStdout(postgres.url),
    pipe: () => pipeInto(redis.port, file),
    backfill: () => backfill(postgres, redis),
  };
  const result = await ways[kind]();
  const seconds = result?.seconds ?? (performance.now() - start) / 1000;
  await delay(500); // PostgreSQL counts the time of a connection's process when it has ended
  const after = cpuOf({ postgres, redis });
  const cpu = { postgres: after.postgres - before.postgres, redis: after.redis - before.redis, process: result?.cpu };
  const perRow = Object.fromEntries(Object.entries(cpu).map(([name, time]) => [name, time && time / count]));
  return { rate: count / seconds, cpu: perRow, memory: result?.memory };
}

/** Microseconds so far. PostgreSQL's are those of the processes that have ended; undefined where the system is not Linux. */
function cpuOf({ postgres, redis }) {
  const info = execFileSync("redis-cli", ["-p", String(redis.port), "INFO", "cpu"], { encoding: "utf8" });
  const used = (name) => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)[1]) * 1e6;
  return { redis: used("sys") + used("user"), postgres: childrenOf(postgres.pid) };
}

function childrenOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    const ticksPerSecond = 100; // on every Linux that runs Node.js
    return ((Number(fields[13]) + Number(fields[14])) * 1e6) / ticksPerSecond;
  } catch {
    return undefined;
  }
}

/** Its log too: otherwise it would grow to many gigabytes. */
async function emptyRedis({ port }) {
  const ask = (...command) => execFileSync("redis-cli", ["-p", String(port), ...command], { encoding: "utf8" });
  ask("FLUSHALL");
  ask("BGREWRITEAOF");
  while (!/aof_rewrite_in_progress:0/.test(ask("INFO", "persistence"))) await delay(50);
}

async function backfill(postgres, redis, profile) {
  const script = new URL("backfill-process.mjs", import.meta.url).pathname;
  const args = [script, postgres.url, redis.url, ...(profile ? [profile] : [])];
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error("the backfill failed");
  const result = JSON.parse(printed);
  if (result.copied !== count) throw new Error(`${result.copied} of ${count} rows were copied`);
  return result;
}

async function copyToStdout(url) {
  const psql = spawn("psql", [url, "-c", "COPY session TO STDOUT"], {
    stdio: ["ignore", openSync("/dev/null", "w"), "inherit"],
  });
  const [code] = await once(psql, "exit");
  if (code !== 0) throw new Error("psql failed");
}

/** The commands that redis-cli sends, as it wants them: one SET for each session. */
async function writeProtocol(path) {
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
  const cli = spawn("redis-cli", ["-p", String(port), "--pipe"], { stdio: [openSync(path, "r"), "ignore", "inherit"] });
  const [code] = await once(cli, "exit");
  if (code !== 0) throw new Error("redis-cli failed");
}
