// Variants side by side: an app process for each on the same servers, measured in short slices by turns.
import { postgresCounters, redisCounters } from "../counters.mjs";
import { createVisitors, measurePage, measureUpdates } from "../measure.mjs";
import { startApp, startLoad, stopAtEnd } from "../processes.mjs";
import { startProxy } from "../proxy.mjs";
import { startPostgres, startRedis } from "../servers.mjs";

export const [base, reference, floor] = ["no sessions", "connect-redis", "floor"];
export const otherBuild = "json, other build";
export const pages = ["read", "write"];

/**
 * Calls `work` with what it started, and stops all of that afterwards.
 *
 * @param chosen `{ name, server, at, node, key }` of each app: its variant, further settings, and what it is called
 * here (its variant, unless told)
 * @param situation bytes of a session, visitors, and the milliseconds to Redis
 * @param log false: Redis keeps no append-only file, and nothing is counted there
 */
export async function withApps(chosen, { situation, log = true, say }, work) {
  const stops = [];
  const stopLater = (stop) => stops.push(stopAtEnd(stop));
  try {
    const servers = await startServers(chosen, { log, say, stopLater });
    const load = startLoad();
    stops.push(load.stop);
    const redisUrl = await urlOf(servers.redis, situation.distance, stopLater);
    const { postgres } = servers;
    const apps = [];
    const notBuilt = [];
    for (const [index, { name, server, at, node, key = name }] of chosen.entries()) {
      say(`starting ${key}`);
      const where = { redisUrl, postgresUrl: postgres?.url, postgresConnections: postgres?.connections };
      const all = { ...where, ...at, bytes: situation.bytes, prefix: `bench${index}:` };
      const app = await startApp(name, all, node);
      if (!app) {
        notBuilt.push(key);
        continue;
      }
      stops.push(app.stop);
      const { counters } = servers[server] ?? {};
      apps.push({ ...app, key, at: all, server, counters, innerPerScript: 0, visitors: {}, counts: {} });
    }
    return await work({ apps, load, servers, notBuilt });
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function startServers(chosen, { log, say, stopLater }) {
  const servers = {};
  for (const [name, start, count] of [
    ["redis", startRedis, redisCounters],
    ["postgres", startPostgres, postgresCounters],
  ]) {
    if (!chosen.some(({ server }) => server === name)) continue;
    say(`starting ${name}`);
    const server = await start({ log });
    stopLater(server.stop);
    servers[name] = server;
    if (!log) continue;
    server.counters = await count(server);
    stopLater(server.counters.close);
  }
  return servers;
}

async function urlOf(redis, distance, stopLater) {
  if (!distance) return redis?.url;
  const proxy = await startProxy(redis.port, distance);
  stopLater(proxy.close);
  return `redis://127.0.0.1:${proxy.port}`;
}

/** Until V8 has compiled what it is going to compile. Sets how many requests make a slice. */
export async function warmUp({ apps, load }, settings, what = pages) {
  for (const app of apps) {
    settings.say(`warming up: ${app.key}`);
    for (const one of what) {
      if (one !== "updates") await warmUpPage(app, load, one, settings);
      else if (app.hasStore) await warmUpUpdates(app, settings);
    }
  }
}

async function warmUpPage(app, load, page, { situation, warmUp: milliseconds, slice, count }) {
  // The pages have visitors of their own, because a write refreshes a session's lifetime, which reading has to do itself.
  const cookies = await createVisitors(app, situation.visitors);
  const run = (each) => measurePage({ app, load, path: `/${page}`, cookies, count: each });
  const stopWatching = app.counters?.watchScripts?.();
  let { rate } = await run(2);
  app.innerPerScript = stopWatching?.() || app.innerPerScript;
  const end = performance.now() + milliseconds;
  while (performance.now() < end) ({ rate } = await run(countOf(rate, slice, situation)));
  app.visitors[page] = cookies;
  app.counts[page] = count ?? countOf(rate, slice, situation);
}

async function warmUpUpdates(app, { situation, slice, count }) {
  const run = (each) => measureUpdates({ app, workers: situation.visitors, count: each });
  let { rate } = await run(4);
  ({ rate } = await run(countOf(rate, slice, situation)));
  app.counts.updates = count ?? countOf(rate, slice, situation);
  await run(app.counts.updates);
}

/** Requests of each visitor in half a slice. */
function countOf(rate, slice, { visitors }) {
  return Math.max(1, Math.round(((slice / 2000) * rate) / visitors));
}

/**
 * In each round every app has its slice in two halves: by turns, and then by turns backwards. So a machine that gets slower
 * or faster meanwhile does so for all of them alike.
 *
 * @param what of `read`, `write` and `updates` (of the store without HTTP)
 * @returns for each of them one object a round, with the measurement of a slice by the app's key
 */
export async function measureRounds({ apps, load }, { rounds, situation, say }, what = pages) {
  const measured = Object.fromEntries(what.map((one) => [one, []]));
  for (let round = 0; round < rounds; round++) {
    for (const one of what) {
      const turn = one === "updates" ? apps.filter(({ hasStore }) => hasStore) : apps;
      const halves = {};
      for (const app of [...turn, ...turn.toReversed()]) {
        say(`round ${round + 1} of ${rounds}: ${one}, ${app.key}`);
        (halves[app.key] ??= []).push(await measureHalf(app, load, one, situation));
      }
      const slices = Object.entries(halves).map(([key, both]) => [key, together(both)]);
      measured[one].push(Object.fromEntries(slices));
    }
  }
  return measured;
}

/** Both halves have as many requests. */
function together([one, other]) {
  const mean = (figure) => (one[figure] + other[figure]) / 2;
  return {
    requests: one.requests + other.requests,
    cpu: mean("cpu"),
    rate: 2 / (1 / one.rate + 1 / other.rate),
    bytes: mean("bytes"),
    commands: mean("commands"),
  };
}

function measureHalf(app, load, what, { visitors }) {
  const count = app.counts[what];
  if (what === "updates") return measureUpdates({ app, workers: visitors, count });
  const { counters, innerPerScript } = app;
  return measurePage({ app, load, counters, path: `/${what}`, cookies: app.visitors[what], count, innerPerScript });
}

/** How many seconds this takes, about: so many apps, of which so many are measured without HTTP too. */
export function estimate({ apps, stores = 0, pagesOfEach = 2 }, { rounds, slice, warmUp: warming, situation }) {
  const pagesInAll = apps * pagesOfEach;
  const starting = 2 + apps + pagesInAll * (situation.visitors * 0.002 + warming / 1000 + 0.3) + stores;
  return starting + (rounds * (pagesInAll * (slice + 120) + stores * slice)) / 1000;
}
