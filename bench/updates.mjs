// Updates of sessions without HTTP: many workers, each with its own session, do get, change three fields, set.
import { promisify } from "node:util";
import session from "express-session";
import { notePageView, sessionOfSize } from "./session.mjs";

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

/** Makes so many sessions, and returns their ids. @param bytes of their JSON; that of the sample session unless told */
export async function create(workers, set, bytes) {
  const name = bytes ? `sized-${bytes}` : "updates";
  const made = Array.from({ length: workers }, (_, worker) => `${name}-${String(worker).padStart(24, "0")}`);
  await Promise.all(made.map((sid, worker) => set(sid, sessionOf(sid, sessionOfSize(worker, bytes)))));
  return made;
}

/** As much of a request as express-session's `Session` looks at. */
export function request(sid) {
  return { sessionID: sid, sessionStore: undefined };
}

/** The session object that express-session would hand to the store. */
export function sessionOf(sid, values) {
  const one = Object.assign(new session.Session(request(sid)), values);
  one.cookie = new session.Cookie({ maxAge: 3600_000 });
  return one;
}
