// npm run bench:sessions: time and memory of `holdfast sessions` and of the console with many sessions, and what another
// client of Redis notices.
// See docs/sessions.md.
import { execFileSync, fork, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Option } from "commander";
import { buildLibrary } from "../../scripts/built.mjs";
import { commandLine, listOption, numberOption } from "../../scripts/command-line.mjs";
import { publishDocuments, resultsFiles } from "../documents.mjs";
import { markdown } from "../loadtest/report/tables.mjs";
import { machine } from "../machine.mjs";
import { stopAtEnd } from "../processes.mjs";
import { runMain } from "../run-main.mjs";
import { startRedis } from "../servers.mjs";
import { fill, idOf, userOf } from "./fill.mjs";
import { nothing, sessionsTables } from "./tables.mjs";

const values = commandLine(
  "npm run bench:sessions --",
  "`holdfast sessions` and the console with many sessions: docs/sessions.md.",
)
  .addOption(numberOption("--sessions <n>", "sessions in Redis", { from: 1000, usual: 1_000_000 }))
  .addOption(
    listOption(
      "--layouts <names>",
      "how they are stored, one layout after the other",
      ["json", "hash"],
      ["json", "hash"],
    ),
  )
  .option("--json", "print the results as JSON")
  .option(
    "--realtime",
    "as root: Redis and the client that waits run first, on a machine that does other work meanwhile",
    false,
  )
  .addOption(
    new Option("--publish", "write the results to bench/results/, and into the documents")
      .default(false)
      .conflicts(["sessions", "layouts"]),
  )
  .parse()
  .opts();
const { sessions: count, realtime } = values;
const command = new URL("../../dist/cli/holdfast.js", import.meta.url).pathname;
const say = (text) => process.stderr.write(`${text}\n`);

await runMain(main);

async function main() {
  buildLibrary();
  const results = {};
  for (const layout of values.layouts) results[layout] = await measuredLayout(layout);
  if (values.publish) {
    writeFileSync(resultsFiles.sessions, `${JSON.stringify(results, null, 1)}\n`);
    publishDocuments();
  }
  if (values.json) return void process.stdout.write(`${JSON.stringify(results)}\n`);
  for (const table of sessionsTables(results)) process.stdout.write(`${table.title}\n\n${markdown(table)}\n\n`);
}

async function measuredLayout(layout) {
  const on = await machine();
  const redis = await startRedis({ log: false });
  hurry(redis.pid);
  say(`${redis.name}: writing ${count} sessions, layout ${layout}`);
  await fill(redis.port, count, layout);
  const middle = Math.round(count / 2);
  // Of another user than the one whose sessions are ended.
  const hash = createHash("sha256")
    .update(idOf(middle + 100))
    .digest("hex")
    .slice(0, 16);
  const user = userOf(middle);
  const rows = [{ name: nothing, ...(await pinging(redis.port, () => delay(Math.min(5000, count / 100)))) }];
  for (const [name, args] of [
    ["count", ["count"]],
    ["list", ["list"]],
    ["list --larger-than 1kb --json", ["list", "--larger-than", "1kb", "--json"]],
    ["list --user", ["list", "--user", user]],
    ["show", ["show", hash]],
    ["export", ["export", "-"]],
    ["end --user", ["end", "--user", user]],
  ]) {
    rows.push({ name, ...(await measured(redis, args)) });
    say(`${name}: ${rows.at(-1).seconds.toFixed(1)} s`);
  }
  const pages = await measuredConsole(redis, { user: userOf(middle + 100), hash });
  await redis.stop();
  return { machine: on, servers: [redis.name], count, realtime, rows, pages };
}

function hurry(pid) {
  if (realtime) execFileSync("chrt", ["--fifo", "--all-tasks", "--pid", "10", String(pid)]);
}

async function measured(redis, args) {
  let most = 0;
  let lines = 0;
  const pings = await pinging(redis.port, async () => {
    const child = spawn(process.execPath, [command, "sessions", ...args, "--redis", redis.url], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const watch = setInterval(() => (most = Math.max(most, peakOf(child.pid))), 20);
    child.stdout.on("data", (piece) => {
      for (const byte of piece) if (byte === 10) lines++;
    });
    const [code] = await once(child, "close");
    clearInterval(watch);
    if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}`);
  });
  return { ...pings, lines, bytes: most };
}

/** The pages that read sessions, each to its last byte. */
async function measuredConsole(redis, { user, hash }) {
  const child = fork(new URL("console-app.mjs", import.meta.url).pathname, [redis.url]);
  const stop = stopAtEnd(() => child.kill());
  const [port] = await once(child, "message");
  const pages = [];
  for (const [name, page] of [
    ["the list", "sessions"],
    ["of a user", `sessions?user=${user}`],
    ["above a size", "sessions?larger=100000"],
    ["one by its hash", `sessions/${hash}`],
  ]) {
    let lines = 0;
    const pings = await pinging(redis.port, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/ops/${page}`);
      lines = (await response.text()).split("<tr").length - 1;
      if (!response.ok) throw new Error(`${page}: status ${response.status}`);
    });
    pages.push({ name, ...pings, lines, bytes: peakOf(child.pid) });
    say(`console, ${name}: ${pings.seconds.toFixed(1)} s`);
  }
  await stop();
  return pages;
}

/** Bytes of resident memory at its peak; 0 where that is not known. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
  } catch {
    return 0;
  }
}

async function pinging(port, work) {
  const pinger = fork(new URL("ping.mjs", import.meta.url).pathname, [String(port)]);
  await once(pinger, "message");
  hurry(pinger.pid);
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  pinger.send("end");
  const [pings] = await once(pinger, "message");
  return { seconds, ...pings };
}
