// What each part of a request costs, from a V8 CPU profile. Pure.

export const ours = "Holdfast";
const rest = "Node.js: event loop, sockets";
/** Waiting, and what starts and stops the profiler itself. */
const ignored = /^(\(idle\)|dispatch)$/;

/**
 * Microseconds of the main thread, by part. The time of a function belongs to its file; the time of what everybody uses
 * (Node.js' streams and sockets, V8's own functions, small packages) belongs to whoever called it.
 */
export function partsOf({ nodes, samples, timeDeltas }) {
  const parents = new Map();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const frames = framesOf(nodes);
  const known = new Map();
  const partAt = (id) => {
    if (!known.has(id)) known.set(id, partOf(frames.get(id)) ?? (parents.has(id) ? partAt(parents.get(id)) : rest));
    return known.get(id);
  };
  return sumOf({ frames, samples, timeDeltas }, partAt);
}

/** Microseconds of the main thread, by a name for each function. @param nameOf called with V8's call frame */
export function timesOf({ nodes, samples, timeDeltas }, nameOf) {
  const frames = framesOf(nodes);
  return sumOf({ frames, samples, timeDeltas }, (id) => nameOf(frames.get(id)));
}

function framesOf(nodes) {
  return new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
}

function sumOf({ frames, samples, timeDeltas }, nameAt) {
  const times = {};
  for (const [index, id] of samples.entries()) {
    if (ignored.test(frames.get(id).functionName)) continue;
    const name = nameAt(id);
    times[name] = (times[name] ?? 0) + timeDeltas[index];
  }
  return times;
}

/** The same for one request. @param profile as the benchmark writes it: see profiler.mjs */
export function partsPerRequest(profile) {
  return perRequest(partsOf(profile), profile);
}

/** @param times of parts of the profile, which together are all of it */
export function perRequest(times, { requests, cpu }) {
  const sampled = Object.values(times).reduce((sum, time) => sum + time, 0);
  const scale = (cpu ?? sampled) / sampled / requests;
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time * scale]));
}

/** Undefined for what belongs to its caller. */
function partOf({ url, functionName }) {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "outside JavaScript";
  const [, installed] = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules\/)/.exec(url) ?? [];
  if (installed) return packages[installed];
  const [, room] = /\/dist\/(?:cjs\/)?(.*)\/[^/]+$/.exec(url) ?? [];
  if (room) return `${ours}: ${room}`;
  if (/\/dist\/[^/]+$/.test(url)) return `${ours}: index`;
  if (url.endsWith("/bench/variants.mjs")) return "the floor's own code";
  if (/\/bench\//.test(url)) return "the page";
  return /^node:(_http|internal\/http)/.test(url) ? "Node.js: http" : undefined;
}

export const isOurs = (part) => part.startsWith(ours);

const packages = {
  express: "Express",
  router: "Express",
  redis: "client library",
  "@redis/client": "client library",
  "connect-redis": "connect-redis",
  "express-session": "express-session",
  pg: "database driver",
  "pg-pool": "database driver",
  "pg-protocol": "database driver",
};

/**
 * One line for each part: its name, and the figure of each column. What nobody needs to see is added up.
 *
 * @param columns parts of each profile, in the same unit
 * @param least a part that stays below this in every column is none of its own
 */
export function compareParts(columns, least) {
  const names = [...new Set(columns.flatMap((parts) => Object.keys(parts)))];
  const line = (name, has) => ({
    name,
    values: columns.map((parts) =>
      Object.entries(parts).reduce((sum, [part, value]) => sum + (has(part) ? value : 0), 0),
    ),
  });
  const most = ({ values }) => Math.max(...values);
  const lines = names.map((name) => line(name, (part) => part === name));
  const large = lines.filter((one) => most(one) >= least).toSorted((a, b) => most(b) - most(a));
  const shown = new Set(large.map(({ name }) => name));
  return [
    ...large.filter(({ name }) => !isOurs(name)),
    line("other packages", (part) => !isOurs(part) && !shown.has(part)),
    ...large.filter(({ name }) => isOurs(name)),
    line(`${ours}: the rest`, (part) => isOurs(part) && !shown.has(part)),
    line(`of it ${ours}`, isOurs),
    line("all", () => true),
  ].filter((one) => most(one) > 0);
}
