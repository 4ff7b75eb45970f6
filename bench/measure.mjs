// One measurement of one variant: a slice of requests, a slice of updates without HTTP, and the round trips of one visitor.
import { commandsBetween } from "./counters.mjs";
import { startApp } from "./processes.mjs";
import { startProxy } from "./proxy.mjs";
import { median } from "./statistics.mjs";

/** Sessions are made over HTTP, as a site's are. Returns the visitors' cookies. */
export async function createVisitors(app, count) {
  const cookies = [];
  while (cookies.length < count) {
    const next = Array.from({ length: Math.min(10, count - cookies.length) }, (_, n) => cookies.length + n);
    cookies.push(...(await Promise.all(next.map((visitor) => createVisitor(app, visitor)))));
  }
  return cookies;
}

async function createVisitor(app, visitor) {
  const response = await fetch(`http://127.0.0.1:${app.port}/new?visitor=${visitor}`);
  await response.text();
  const set = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  return set.join("; ") || `visitor=${visitor}`;
}

/** Each visitor asks for the page `count` times. */
export async function measurePage({ app, load, path, cookies, count }) {
  const requests = cookies.length * count;
  const cpu = await app.ask("cpu");
  const { seconds, views } = await load.ask("run", { port: app.port, path, cookies, count });
  await new Promise((done) => setTimeout(done, 20)); // what nobody waited for ends
  const used = (await app.ask("cpu")) - cpu;
  const expected = path === "/write" ? cookies.length * (count - 1) : 0;
  if (app.hasStore && views !== expected)
    throw new Error(`${app.name}: ${views} of ${expected} page views were counted`);
  return { requests, cpu: used / requests, rate: requests / seconds };
}

/** What the server is sent and what it logs for each of so many requests, as it counts that itself. */
export async function measureSent({ counters, ...order }) {
  const stopWatching = counters.watchScripts?.();
  await measurePage({ ...order, count: 2 });
  const innerPerScript = stopWatching?.() ?? 0;
  const before = await counters.read();
  const { requests } = await measurePage(order);
  const after = await counters.read();
  return {
    commands: after.calls && commandsBetween(before, after, innerPerScript) / requests,
    bytes: (after.bytes - before.bytes) / requests,
  };
}

export async function measureUpdates({ app, workers, count }) {
  const { seconds, cpu } = await app.ask("updates", { workers, count });
  const requests = workers * count;
  return { requests, cpu: cpu / requests, rate: requests / seconds };
}

/**
 * Round trips before the answer, with a server that is 1 ms away, and the time to the answer in milliseconds: for each of
 * `paths`. Undefined where this version of the package does not have the variant.
 */
export async function measureTrips({ name, at, server, paths }) {
  const proxy = await startProxy(server.port, 1);
  try {
    const near = (url) => url?.replace(`:${server.port}`, `:${proxy.port}`);
    const app = await startApp(name, { ...at, redisUrl: near(at.redisUrl), postgresUrl: near(at.postgresUrl) });
    if (!app) return undefined;
    const measured = [];
    for (const path of paths) measured.push(await tripsOf(app, path, proxy));
    await app.stop();
    return measured;
  } finally {
    proxy.close();
  }
}

async function tripsOf(app, path, proxy) {
  const [cookie] = await createVisitors(app, 1);
  const times = [];
  let trips = 0;
  for (let i = 0; i < 60; i++) {
    await new Promise((done) => setTimeout(done, 10));
    const tripsBefore = proxy.trips;
    const start = performance.now();
    const response = await fetch(`http://127.0.0.1:${app.port}${path}`, { headers: { cookie } });
    await response.text(); // express-session sends the head early, and the last byte when it has saved
    const seen = proxy.trips - tripsBefore;
    if (i < 20) continue; // connections are opened, scripts are loaded, caches are filled
    times.push(performance.now() - start);
    trips += seen;
  }
  return { trips: trips / times.length, latency: median(times) };
}
