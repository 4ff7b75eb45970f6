// Sessions of an exact size: keys of the sample session while they fit, and the rest in one key more.
import { sampleSession } from "../session.mjs";

const maxAge = 86_400_000;
const always = ["csrfToken", "pageViews", "currentPage", "lastActivity"];

/** @param bytes of the session's JSON, its cookie included */
export function sessionOf(n, bytes) {
  const sample = { ...sampleSession(n), pageViews: 1_000_000 }; // counts up without getting longer
  const expires = new Date(Date.now() + maxAge).toISOString();
  const session = { cookie: { originalMaxAge: maxAge, expires, httpOnly: true, path: "/" } };
  for (const name of always) session[name] = sample[name];
  session.notes = "";
  for (const [name, value] of Object.entries(sample)) {
    if (name in session) continue;
    session[name] = value;
    if (sizeOf(session) > bytes) delete session[name];
  }
  session.notes = "n".repeat(bytes - sizeOf(session));
  return session;
}

export function sizeOf(session) {
  return Buffer.byteLength(JSON.stringify(session));
}
