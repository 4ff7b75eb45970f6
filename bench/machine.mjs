// What a result was measured on.
import { execFileSync } from "node:child_process";
import { cpus, platform, release, totalmem } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** To be asked before anything is started: `busy` is the share of all processors that other programs use. */
export async function machine() {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    redis: version("redis-server", /v=(\S+)/),
    busy: await busyFor(1000),
    measured: new Date().toISOString(),
  };
}

async function busyFor(milliseconds) {
  const before = times();
  await delay(milliseconds);
  const after = times();
  const all = after.all - before.all;
  return all > 0 ? Math.round((100 * (all - (after.idle - before.idle))) / all) / 100 : 0;
}

function times() {
  const sum = { all: 0, idle: 0 };
  for (const { times: spent } of cpus()) {
    sum.idle += spent.idle;
    for (const one of Object.values(spent)) sum.all += one;
  }
  return sum;
}

/** Above this, a caption says that the machine had other work. */
const quiet = 0.1;

/** In words, for a caption. @param servers those that were used, where that is known */
export function inWords({ processor, cores, memory, node, redis, measured, busy = 0 }, servers = [`Redis ${redis}`]) {
  const gigabytes = Math.round(memory / 2 ** 30);
  const date = measured.slice(0, 10);
  const other =
    busy > quiet ? `; other programs used ${Math.round(100 * busy)} % of the processors before it began` : "";
  return `${cores} cores (${processor}), ${gigabytes} GiB, Node.js ${node}, ${servers.join(", ")}; ${date}${other}`;
}

/** What a scenario of the load test was measured on. */
export function captionOf({ machine: on, servers }) {
  return `Measured on ${inWords(on, servers)}.`;
}

function version(program, pattern) {
  try {
    return pattern.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[1] ?? "unknown";
  } catch {
    return "not installed";
  }
}
