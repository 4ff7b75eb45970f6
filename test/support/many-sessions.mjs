// A process with 10,000 requests in flight at a time, five times; reports the heap. Uses the package as built.
import { IncomingMessage, ServerResponse } from "node:http";
import { createHmac } from "node:crypto";
import { Socket } from "node:net";
import { redisSession } from "holdfast";

const size = 10_000;
const secret = "a secret for tests, long enough not to be warned of";
const sessions = redisSession({ url: process.argv[2], secret, cookie: { maxAge: 3600_000 } });
await sessions.ready();

const body = { text: "x".repeat(2000) };
const ids = Array.from({ length: size }, (_, i) => `visitor-${i}`);
const cookie = { originalMaxAge: 3600_000, expires: new Date(Date.now() + 3600_000), path: "/" };
await Promise.all(ids.map((id) => sessions.store.set(id, { cookie, ...body, n: 0 })));

const heap = [];
let inFlight = 0;
let saved = 0;
for (let wave = 0; wave < 5; wave++) {
  heap.push(await measure());
  let arrived = 0;
  const ends = [];
  await Promise.all(ids.map((id) => new Promise((resolve) => visit(id, resolve))));
  function visit(id, resolve) {
    const req = new IncomingMessage(new Socket());
    Object.assign(req, { url: "/", method: "GET" });
    req.headers.cookie = `connect.sid=${encodeURIComponent(`s:${id}.${sign(id)}`)}`;
    const res = new ServerResponse(req);
    res.end = () => resolve(res); // what the middleware lets through once the session is saved
    sessions(req, res, () => {
      req.session.n += 1;
      arrived++;
      ends.push(() => res.end("done"));
      inFlight = Math.max(inFlight, arrived);
      if (arrived === size) for (const end of ends) end();
    });
  }
}
heap.push(await measure());
for (const id of ids) saved += (await sessions.store.get(id)).n;
process.send({ heap, inFlight, saved });

async function measure() {
  await new Promise(setImmediate);
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function sign(id) {
  return createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
}
