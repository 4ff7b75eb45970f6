// npm run bench:plan: what `holdfast plan` computes with. Writes bench/results/plan.json, and what is made from it (write.mjs).
// Processor time, not throughput: so it does not matter that this client is slower than Redis, and little what else runs.
// See docs/plan.md for what each figure means.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createClient } from "redis";
import { buildLibrary } from "../../scripts/built.mjs";
import { commandLine, numberOption } from "../../scripts/command-line.mjs";
import { notePageView } from "../session.mjs";
import { startRedis } from "../servers.mjs";
import { spread } from "./spread.mjs";
import { sessionOf, sizeOf } from "./sessions.mjs";
import { resultsFile, writeAll } from "./write.mjs";

const { rounds } = commandLine("npm run bench:plan --", "What `holdfast plan` computes with: docs/plan.md.")
  .addOption(numberOption("--rounds <n>", "slices of each kind", { from: 2, usual: 15 }))
  .parse()
  .opts();
buildLibrary();
const { RedisSessionStore } = await import("../../dist/index.js");
const sizes = [500, 2500, 16_000];
const layouts = ["json", "hash"];
/** Each has a connection of its own with one command under way, as in many app processes. */
const workers = 8;
const perWorker = 60;
const sessionsInMemory = 5000;

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const begun = performance.now();
const servers = [];
const clients = [];
try {
  const results = await main();
  mkdirSync(new URL(".", resultsFile), { recursive: true });
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
} finally {
  for (const client of clients) client.destroy();
  for (const server of servers) await server.stop();
}
writeAll();
process.stderr.write(`\n${((performance.now() - begun) / 1000).toFixed(0)} s\n`);

async function main() {
  const memory = await measureMemory();
  const redis = await start({});
  const cells = await prepare(redis);
  for (let round = -1; round < rounds; round++) {
    for (const cell of round % 2 ? cells : cells.toReversed()) {
      say(`round ${round + 1} of ${rounds}: ${cell.layout}, ${cell.bytes} bytes${cell.isNear ? ", near cache" : ""}`);
      const slice = await measureSlice(redis, cell);
      if (round >= 0) cell.slices.push(slice); // the first warms up
    }
  }
  return {
    machine: {
      processor: cpus()[0].model.trim(),
      cores: cpus().length,
      node: process.versions.node,
      redis: redis.name,
      date: new Date().toISOString().slice(0, 10),
    },
    method: { slices: rounds, requestsPerSlice: workers * perWorker, connections: workers, sessionsInMemory },
    emptyServerBytes: memory.empty,
    sizes: sizes.map((bytes) => ({
      bytes,
      ...Object.fromEntries(layouts.map((layout) => [layout, of(layout, bytes)])),
    })),
  };

  function of(layout, bytes) {
    const [plain, near] = [false, true].map((isNear) => {
      const { slices } = cells.find((one) => one.layout === layout && one.bytes === bytes && one.isNear === isNear);
      return (kind, figure) => spread(slices.map((slice) => slice[kind][figure]));
    });
    const costs = (from, kind) =>
      Object.fromEntries(
        ["redisMicroseconds", "appMicroseconds", "bytesIn", "bytesOut"].map((name) => [name, from(kind, name)]),
      );
    return {
      memoryBytes: memory[layout][bytes],
      read: costs(plain, "read"),
      write: { ...costs(plain, "write"), bytesReplicated: plain("write", "bytesReplicated") },
      nearHit: { appMicroseconds: near("read", "appMicroseconds") },
      nearWrite: { ...costs(near, "write"), bytesReplicated: near("write", "bytesReplicated") },
    };
  }
}

async function start(options) {
  const server = await startRedis(options);
  servers.push(server);
  return { ...server, admin: await connect(server) };
}

async function connect({ url }) {
  const client = createClient({ url });
  client.on("error", () => {}); // a command that fails says so
  clients.push(client);
  return client.connect();
}

/** `used_memory` without what connections take, with and without sessions; the server keeps no append-only file. */
async function measureMemory() {
  const redis = await start({ log: false });
  const result = { empty: await memoryOf(redis) };
  const client = await connect(redis);
  for (const layout of layouts) {
    result[layout] = {};
    const store = new RedisSessionStore({ client, layout });
    for (const bytes of sizes) {
      say(`memory: ${layout}, ${bytes} bytes`);
      await redis.admin.sendCommand(["FLUSHALL", "SYNC"]);
      const before = await memoryOf(redis);
      for (let n = 0; n < sessionsInMemory; n += 100)
        await Promise.all(Array.from({ length: 100 }, (_, i) => store.set(idOf(n + i), sessionOf(n + i, bytes))));
      const kept = await redis.admin.sendCommand(["DBSIZE"]);
      if (kept !== sessionsInMemory) throw new Error(`${kept} sessions were kept`);
      result[layout][bytes] = Math.round(((await memoryOf(redis)) - before) / sessionsInMemory);
    }
  }
  return result;
}

async function memoryOf({ admin }) {
  const info = await infoOf(admin, "memory");
  return info.used_memory - info.mem_clients_normal;
}

async function prepare(redis) {
  const cells = [];
  for (const isNear of [false, true])
    for (const layout of layouts)
      for (const bytes of sizes) {
        const prefix = `${layout}${isNear ? "n" : ""}${bytes}:`;
        const stores = [];
        for (let worker = 0; worker < workers; worker++) {
          const client = await connect(redis);
          const store = new RedisSessionStore({ client, layout, prefix, ...(isNear && { nearCache: { ttl: 3600 } }) });
          for (let n = 0; n < perWorker; n++) await store.set(idOf(worker * perWorker + n), sessionOf(n, bytes));
          stores.push(store);
        }
        const stored = layout === "json" && (await redis.admin.strLen(prefix + idOf(0)));
        if (stored && stored !== sizeOf(sessionOf(0, bytes)))
          throw new Error(`stored as ${stored} bytes, not ${bytes}`);
        cells.push({ layout, bytes, isNear, stores, slices: [] });
      }
  return cells;
}

/** All sessions are read once, and then written once. With the near cache, each read is answered from memory. */
async function measureSlice(redis, { stores, isNear }) {
  if (isNear) await each(stores, (store, id) => store.get(id)); // what was just written may not be in the cache
  const sessions = new Map();
  const read = await costOf(redis, stores, async (store, id) => sessions.set(id, await store.get(id)));
  for (const session of sessions.values()) notePageView(session, "/p");
  const write = await costOf(redis, stores, (store, id) => store.set(id, sessions.get(id)));
  return { read, write };
}

async function costOf({ admin }, stores, request) {
  const before = await infoOf(admin);
  const appBefore = process.cpuUsage();
  await each(stores, request);
  const app = process.cpuUsage(appBefore);
  const after = await infoOf(admin);
  const per = (amount) => amount / (workers * perWorker);
  const grown = (...names) => per(names.reduce((total, name) => total + after[name] - before[name], 0));
  return {
    redisMicroseconds: 1e6 * grown("used_cpu_user_main_thread", "used_cpu_sys_main_thread"),
    appMicroseconds: per(app.user + app.system),
    bytesIn: grown("total_net_input_bytes"),
    bytesOut: per(after.total_net_output_bytes - before.total_net_output_bytes - before.length),
    bytesReplicated: grown("aof_current_size"),
  };
}

async function each(stores, request) {
  await Promise.all(
    stores.map(async (store, worker) => {
      for (let n = 0; n < perWorker; n++) await request(store, idOf(worker * perWorker + n));
    }),
  );
}

/** The numbers, and the length of the reply, which Redis counts only after it made it. */
async function infoOf(client, section = "everything") {
  const text = await client.sendCommand(["INFO", section]);
  const numbers = [...text.matchAll(/^(\w+):([\d.]+)\r?$/gm)].map(([, name, value]) => [name, Number(value)]);
  return { ...Object.fromEntries(numbers), length: text.length };
}

function idOf(n) {
  return `${n}`.padStart(32, "i");
}
