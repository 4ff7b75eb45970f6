// What a result was measured on.
import { execFileSync } from "node:child_process";
import { cpus, platform, release, totalmem } from "node:os";

export function machine() {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    redis: version("redis-server", /v=(\S+)/),
    measured: new Date().toISOString(),
  };
}

/** In words, for a caption. */
export function inWords({ processor, cores, memory, node, redis, measured }) {
  const gigabytes = Math.round(memory / 2 ** 30);
  return `${cores} cores (${processor}), ${gigabytes} GiB, Node.js ${node}, Redis ${redis}; ${measured.slice(0, 10)}`;
}

function version(program, pattern) {
  try {
    return pattern.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[1] ?? "unknown";
  } catch {
    return "not installed";
  }
}
