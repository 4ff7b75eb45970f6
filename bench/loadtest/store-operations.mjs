// Look-ups and updates of a store without HTTP, in the app's process: as many as possible, or at a fixed rate.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { notePageView, sampleSession } from "../session.mjs";
import { create, request, sessionOf } from "../updates.mjs";
import { histogram, record, summary } from "./latencies.mjs";
import { openLoop } from "./open-loop.mjs";

const sessionCount = 500;
/** Session ids by the size of the sessions. */
const made = new Map();

async function operationsOf(store, bytes) {
  const get = promisify(store.get.bind(store));
  const set = promisify(store.set.bind(store));
  if (!made.has(bytes)) made.set(bytes, await create(sessionCount, set, bytes));
  const update = async (sid) => {
    const found = store.createSession(request(sid), await get(sid));
    notePageView(found, "/goods/1");
    await set(sid, found);
  };
  return { sids: made.get(bytes), get, update };
}

/** So many workers, each with a session of its own, for so long. @param operation `get` or `update`; @param bytes of a session's JSON, about */
export async function runOperations(store, { operation, workers, milliseconds, bytes }) {
  const one = await operationsOf(store, bytes);
  const latencies = histogram();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + milliseconds;
  await Promise.all(
    one.sids.slice(0, workers).map(async (sid) => {
      while (performance.now() < end) {
        const start = performance.now();
        await one[operation](sid);
        record(latencies, performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: latencies.count / seconds, cpu: (user + system) / latencies.count, ...summary(latencies) };
}

/** Updates at a fixed rate, of all sessions in turn. */
export async function runRate(store, { rate, seconds }) {
  const { sids, update } = await operationsOf(store);
  let turn = 0;
  const send = () => update(sids[turn++ % sids.length]).then(() => true);
  return openLoop({ rate, seconds, send });
}

/** Writes so many sessions, for the measurement of memory. */
export async function fillStore(store, { count }) {
  const set = promisify(store.set.bind(store));
  await each(0, count, (number) => set(idOf(number), sessionOf(idOf(number), sampleSession(number))));
}

/** Reads them, each for the first time in this process: microseconds of processor time for one. */
export async function readStore(store, { count }) {
  const get = promisify(store.get.bind(store));
  const read = (number) => get(idOf(number));
  const warmUp = Math.floor(count / 10); // until V8 has compiled what it is going to
  await each(0, warmUp, read);
  const before = process.cpuUsage();
  await each(warmUp, count, read);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (count - warmUp);
}

/** Fifty at a time. */
async function each(from, to, work) {
  let next = from;
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      while (next < to) await work(next++);
    }),
  );
}

function idOf(number) {
  return createHash("sha256").update(`session ${number}`).digest("base64url").slice(0, 32);
}
