// npm run bench:sessions: time and memory of `holdfast sessions` and of the console with many sessions, and what another
// client of Redis notices.
// See docs/sessions.md.
import { execFileSync, fork, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { Option } from "commander";
import { buildLibrary } from "../../scripts/built.mjs";
import { commandLine, numberOption } from "../../scripts/command-line.mjs";
import { stopAtEnd } from "../processes.mjs";
import { runMain } from "../run-main.mjs";
import { startRedis } from "../servers.mjs";
import { fill, idOf, userOf } from "./fill.mjs";

const values = commandLine(
  "npm run bench:sessions --",
  "`holdfast sessions` and the console with many sessions: docs/sessions.md.",
)
  .addOption(numberOption("--sessions <n>", "sessions in Redis", { from: 1000, usual: 1_000_000 }))
  .addOption(new Option("--layout <name>", "how they are stored").choices(["json", "hash"]).default("json"))
  .option("--json", "print the results as JSON")
  .option(
    "--realtime",
    "as root: Redis and the client that waits run first, on a machine that does other work meanwhile",
  )
  .parse()
  .opts();
const { sessions: count } = values;
const command = new URL("../../dist/cli/holdfast.js", import.meta.url).pathname;
const say = (text) => process.stderr.write(`${text}\n`);

await runMain(main);

async function main() {
  buildLibrary();
  const redis = await startRedis({ log: false });
  hurry(redis.pid);
  say(`${redis.name}: writing ${count} sessions, layout ${values.layout}`);
  await fill(redis.port, count, values.layout);
  const middle = Math.round(count / 2);
  // Of another user than the one whose sessions are ended.
  const hash = createHash("sha256")
    .update(idOf(middle + 100))
    .digest("hex")
    .slice(0, 16);
  const idle = Math.min(5000, count / 100);
  const results = [
    { name: "nothing", ...(await pinging(redis.port, () => new Promise((done) => setTimeout(done, idle)))) },
  ];
  for (const args of [
    ["count"],
    ["list"],
    ["list", "--json", "--larger-than", "1kb"],
    ["list", "--user", userOf(middle)],
    ["show", hash],
    ["export", "-"],
    ["end", "--user", userOf(middle)],
  ]) {
    const result = await measured(redis, args);
    results.push({ name: args.join(" "), ...result });
    say(`${args.join(" ")}: ${result.seconds.toFixed(1)} s`);
  }
  results.push(...(await measuredConsole(redis, { user: userOf(middle + 100), hash })));
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else print(results);
}

function hurry(pid) {
  if (values.realtime) execFileSync("chrt", ["--fifo", "--all-tasks", "--pid", "10", String(pid)]);
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
  return { ...pings, lines, megabytes: most / 1e6 };
}

/** The pages that read sessions, each to its last byte. */
async function measuredConsole(redis, { user, hash }) {
  const child = fork(new URL("console-app.mjs", import.meta.url).pathname, [redis.url]);
  stopAtEnd(() => child.kill());
  const [port] = await once(child, "message");
  const rows = [];
  for (const page of ["sessions", `sessions?user=${user}`, "sessions?larger=100000", `sessions/${hash}`]) {
    let lines = 0;
    const pings = await pinging(redis.port, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/ops/${page}`);
      lines = (await response.text()).split("<tr").length - 1;
      if (!response.ok) throw new Error(`${page}: status ${response.status}`);
    });
    rows.push({ name: `console: ${page.replace(hash, "HASH")}`, ...pings, lines, megabytes: peakOf(child.pid) / 1e6 });
    say(`console, ${page}: ${pings.seconds.toFixed(1)} s`);
  }
  child.disconnect();
  return rows;
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

function print(results) {
  const rows = results.map(({ name, seconds, megabytes = 0, lines = 0, p50, p99, p999, longest }) =>
    [
      name.padEnd(32),
      `${seconds.toFixed(1)} s`.padStart(9),
      `${Math.round(megabytes)} MB`.padStart(8),
      `${lines} lines`.padStart(14),
      `PING p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(1)}, p99.9 ${p999.toFixed(1)}, longest ${longest.toFixed(1)} ms`,
    ].join("  "),
  );
  process.stdout.write(`${rows.join("\n")}\n`);
}
