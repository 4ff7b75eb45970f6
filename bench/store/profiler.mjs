// A CPU profile of the process in which this runs, from one question to another.
import { readFileSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

/** Microseconds between two samples. */
const interval = 500;
let session;
let cpuBefore;

export async function startProfile() {
  session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval });
  await session.post("Profiler.start");
  cpuBefore = mainThread();
}

/**
 * The file says more than V8 does: how many requests were answered meanwhile, and the processor time of the main thread.
 * V8 samples by the clock, which also runs while other processes have the processor.
 */
export async function stopProfile({ file, requests }) {
  const cpu = mainThread() - cpuBefore;
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  for (const { callFrame } of profile.nodes) callFrame.url = sourceOf(callFrame);
  writeFileSync(file, JSON.stringify({ ...profile, requests, ...(cpu && { cpu }) }));
}

/** Microseconds; NaN where the system is not Linux. */
function mainThread() {
  try {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1000;
  } catch {
    return NaN;
  }
}

/** The file from which a function was joined into its module's one file (scripts/join-modules.mjs), which names it. */
function sourceOf({ url, lineNumber }) {
  const [, dist] = /^(file:.*\/dist\/(?:cjs\/)?)[\w-]+\/index\.js$/.exec(url) ?? [];
  if (!dist) return url;
  const before = linesOf(url).slice(0, lineNumber + 1);
  const named = before.findLast((line) => /^\/\/ [\w/-]+\.js$/.test(line));
  return named ? dist + named.slice("// ".length) : url;
}

const lines = new Map();

function linesOf(url) {
  if (!lines.has(url)) lines.set(url, readFileSync(fileURLToPath(url), "utf8").split("\n"));
  return lines.get(url);
}
