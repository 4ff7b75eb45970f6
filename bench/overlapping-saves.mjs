// One visitor's crowd: many requests of one session are under way in one process, and each saves a change of its own.
import { promisify } from "node:util";
import { commandsBetween } from "./counters.mjs";
import { create, request } from "./updates.mjs";

let sid;
let lastValue = 0;

/** In the app's process: all load the session before the first one saves it, as requests do that come at once. */
export async function saveAtOnce(store, { count }) {
  const { get, set } = promises(store);
  sid ??= (await create(1, set))[0];
  const load = async () => store.createSession(request(sid), await get(sid));
  const cpu = process.cpuUsage();
  const start = performance.now();
  const loaded = await Promise.all(Array.from({ length: count }, load));
  await Promise.all(loaded.map((one, i) => set(sid, Object.assign(one, { [`crowd${i}`]: ++lastValue }))));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpu: user + system };
}

/** In the app's process: how many of the changes are in the store. */
export async function countKept(store, { count }) {
  const session = await promises(store).get(sid);
  const saved = Array.from({ length: count }, (_, i) => session[`crowd${i}`] === lastValue - count + i + 1);
  return saved.filter(Boolean).length;
}

/** All per save. */
export async function measureOverlappingSaves(app, count) {
  const stopWatching = app.counters.watchScripts();
  const before = await app.counters.read();
  const { seconds, cpu } = await app.ask("saveAtOnce", { count });
  const after = await app.counters.read();
  const kept = await app.ask("countKept", { count });
  const commands = commandsBetween(before, after, stopWatching());
  return { commands: commands / count, kept: kept / count, cpu: cpu / count, rate: count / seconds };
}

function promises(store) {
  return { get: promisify(store.get.bind(store)), set: promisify(store.set.bind(store)) };
}
