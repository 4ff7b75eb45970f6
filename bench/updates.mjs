// Updates of sessions without HTTP: many workers, each with its own session, do get, change three fields, set.
import { promisify } from "node:util";
import session from "express-session";
import { notePageView, sampleSession } from "./session.mjs";

let sids;

export async function runUpdates(store, { workers, count }) {
  const get = promisify(store.get.bind(store));
  const set = promisify(store.set.bind(store));
  sids ??= await create(workers, set);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(sids.map((sid) => work(sid)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpu: user + system };

  async function work(sid) {
    for (let i = 0; i < count; i++) {
      const found = store.createSession(request(sid), await get(sid));
      notePageView(found, `/goods/${i}`);
      await set(sid, found);
    }
  }
}

async function create(workers, set) {
  const made = Array.from({ length: workers }, (_, worker) => `updates-${String(worker).padStart(24, "0")}`);
  await Promise.all(
    made.map((sid, worker) => {
      const one = Object.assign(new session.Session(request(sid)), sampleSession(worker));
      one.cookie = new session.Cookie({ maxAge: 3600_000 });
      return set(sid, one);
    }),
  );
  return made;
}

/** As much of a request as express-session's `Session` looks at. */
function request(sid) {
  return { sessionID: sid, sessionStore: undefined };
}
