// npm run bench:memory: what a session needs in Redis with and without the option `compress`, and what that costs the app.
// Prints JSON; memory.json is what docs/storage.md shows.
//   --sessions=20000  --threshold=true|<bytes>
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createClient } from "redis";
import { RedisSessionStore } from "../../dist/index.js";
import { stopAll, stopAtEnd } from "../processes.mjs";
import { startRedis } from "../servers.mjs";
import { sampleSession } from "../session.mjs";
import { idOf } from "./fill.mjs";

const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "20000" },
    threshold: { type: "string", default: "true" },
  },
});
const count = Number(values.sessions);
const threshold = values.threshold === "true" ? true : Number(values.threshold);
/** With Redis' `hash-max-listpack-value`, up to which length of its values a hash is stored as a list. */
const cases = [
  ["json", 64],
  ["hash", 64],
  ["hash", 2048],
];
const maxAge = 86_400_000;

try {
  const redis = await startRedis({ log: false });
  stopAtEnd(redis.stop);
  const client = await createClient({ url: redis.url }).connect();
  const results = [];
  for (const [layout, listpack] of cases) {
    await client.configSet("hash-max-listpack-value", String(listpack));
    for (const compress of [false, threshold])
      results.push({ listpack, ...(await measured(client, layout, compress)) });
  }
  client.destroy();
  const text = Buffer.byteLength(JSON.stringify(sessionOf(1)));
  const where = { redis: redis.name, node: process.version, processor: cpus()[0].model };
  const how = { sessions: count, text };
  process.stdout.write(`${JSON.stringify({ ...where, ...how, results }, undefined, 2)}\n`);
} finally {
  await stopAll();
}

/** Bytes are INFO's `used_memory`; times are processor time of this process, with all that a save or a read takes in it. */
async function measured(client, layout, compress) {
  await client.flushAll();
  const store = () => new RedisSessionStore({ client, layout, compress });
  await warmUp(store());
  await client.flushAll("SYNC");
  const empty = await usedMemory(client);
  const save = await timed(store(), count, (one, n) => one.set(idOf(n), sessionOf(n)));
  const bytes = (await usedMemory(client)) - empty;
  const read = await timed(store(), count, (one, n) => one.get(idOf(n)));
  const again = await timed(store(), count, (one, n) => one.get(idOf(n % 200)));
  return { layout, compress, bytesPerSession: Math.round(bytes / count), microseconds: { save, read, again } };
}

async function warmUp(store) {
  for (let n = 0; n < 2000; n++) {
    await store.set(idOf(n), sessionOf(n));
    await store.get(idOf(n));
  }
}

async function timed(store, times, action) {
  const begun = process.cpuUsage();
  for (let n = 0; n < times; n++) await action(store, n);
  const { user, system } = process.cpuUsage(begun);
  return Math.round((user + system) / times);
}

function sessionOf(n) {
  const cookie = { originalMaxAge: maxAge, expires: new Date(Date.now() + maxAge), httpOnly: true, path: "/" };
  return { cookie, ...sampleSession(n) };
}

async function usedMemory(client) {
  return Number(/used_memory:(\d+)/.exec(await client.info("memory"))[1]);
}
