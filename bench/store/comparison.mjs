// Variants side by side: an app process for each on the same servers, measured in short slices by turns.
import { postgresCounters, redisCounters } from "../counters.mjs";
import { createVisitors, measurePage, measureSent, measureUpdates } from "../measure.mjs";
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
      apps.push({ ...app, key, at: all, server, counters, visitors: {}, counts: {}, sent: {} });
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

/** Milliseconds: with large sessions, so many requests as otherwise would take too long. */
const longestWarmUp = 8000;

/**
 * Until V8 has compiled what it is going to compile. Finds out how many requests make a slice, and what is sent for one as
 * long as all sessions are new: later, refreshed lifetimes come on top, the more the slower a machine is.
 */
export async function warmUp({ apps, load }, settings, what = pages) {
  for (const app of apps) {
    settings.say(`warming up: ${app.key}`);
    for (const one of what) {
      if (one !== "updates") await warmUpPage(app, load, one, settings);
      else if (app.hasStore) await warmUpUpdates(app, settings);
    }
  }
}

async function warmUpPage(app, load, page, { situation, warmUpRequests, slice, count }) {
  // The pages have visitors of their own, because a write refreshes a session's lifetime, which reading has to do itself.
  const cookies = await createVisitors(app, situation.visitors);
  const order = { app, load, path: `/${page}`, cookies };
  const run = (each) => measurePage({ ...order, count: each });
  let { rate, requests } = await run(2);
  if (app.counters) app.sent[page] = await measureSent({ ...order, counters: app.counters, count: 20 });
  const end = performance.now() + longestWarmUp;
  for (let answered = requests; answered < warmUpRequests && performance.now() < end; answered += requests)
    ({ rate, requests } = await run(countOf(rate, slice, situation)));
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
  return {
    requests: one.requests + other.requests,
    cpu: (one.cpu + other.cpu) / 2,
    rate: 2 / (1 / one.rate + 1 / other.rate),
  };
}

function measureHalf(app, load, what, { visitors }) {
  const count = app.counts[what];
  if (what === "updates") return measureUpdates({ app, workers: visitors, count });
  return measurePage({ app, load, path: `/${what}`, cookies: app.visitors[what], count });
}

/** How many seconds this takes, about: so many apps, of which so many are measured without HTTP too. */
export function estimate({ apps, stores = 0, pagesOfEach = 2 }, { rounds, slice, warmUpRequests, situation }) {
  const pagesInAll = apps * pagesOfEach;
  const request = 0.2 + (situation.bytes ?? 0) / 40_000;
  const warming = Math.min(longestWarmUp, warmUpRequests * request) / 1000;
  const starting = 2 + apps + pagesInAll * (situation.visitors * 0.002 + warming + 0.3) + stores;
  return starting + (rounds * (pagesInAll * (slice + 60) + stores * slice)) / 1000;
}
