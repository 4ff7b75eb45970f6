// The servers that keep the sessions, started for this run alone: redis-server with its append-only file, a Redis Cluster,
// and PostgreSQL.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stopAtEnd } from "./processes.mjs";
import { Problem } from "./run-main.mjs";

const started = new Set();

/** What was started since this was last asked, by name and version. */
export function namesOfStarted() {
  const names = [...started];
  started.clear();
  return names;
}

/** What is used in place of servers that are not installed, in sentences. */
export function substitutes() {
  return [
    !find("redis-server") &&
      "There is no redis-server here, so an embedded Valkey is used: slower, without an append-only file and a cluster.",
    !hasPostgres() &&
      "There is no PostgreSQL here, so PGlite is used: the same code as WebAssembly, with one connection.",
  ].filter(Boolean);
}

/**
 * `everysec` is Redis' default; the file is never rewritten, so that what it grows by is what was appended.
 *
 * @param log false: without an append-only file
 */
export async function startRedis({ log: hasLog = true } = {}) {
  const log = ["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"];
  return startRedisServer(hasLog ? log : []);
}

async function startRedisServer(args) {
  const program = find("redis-server");
  if (!program)
    throw new Problem("This benchmark needs redis-server: apt-get install redis-server, or brew install redis");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const always = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = launch(program, [...always, ...args].map(String), { stdio: "ignore" }, { folder });
  const version = /v=(\S+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))[1];
  return serving(`Redis ${version}`, server, port, { url: `redis://127.0.0.1:${port}` });
}

/** The system's Redis where there is one, else the embedded Valkey: slower, and without an append-only file. */
export async function startRedisOrValkey(options) {
  if (find("redis-server")) return startRedis(options);
  const port = await freePort();
  const path = new URL("valkey.mjs", import.meta.url).pathname;
  const server = launch(process.execPath, [path, port], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  return serving("Valkey (embedded)", server, port, { url: `redis://127.0.0.1:${port}` });
}

/** A Redis Cluster of so many primaries, without replicas. Undefined without redis-server. */
export async function startCluster(primaries) {
  if (!find("redis-server")) return undefined;
  const servers = [];
  const stop = () => Promise.all(servers.map((server) => server.stop()));
  try {
    for (let n = 0; n < primaries; n++) {
      servers.push(await startRedisServer(["--cluster-enabled", "yes", "--cluster-port", await freePort()]));
      const [first, last] = [n, n + 1].map((part) => Math.round((part * 16_384) / primaries));
      askNode(servers[n], "CLUSTER", "ADDSLOTSRANGE", first, last - 1);
      if (n > 0) askNode(servers[n], "CLUSTER", "MEET", "127.0.0.1", servers[0].port, busPortOf(servers[0]));
    }
    for (let tries = 0; servers.some((server) => !isWhole(server, primaries)); tries++) {
      if (tries === 300) throw new Error("the cluster did not form within 30 s");
      await new Promise((done) => setTimeout(done, 100));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes: servers.map(({ port }) => ({ host: "127.0.0.1", port })), stop };
}

function isWhole(node, primaries) {
  const info = askNode(node, "CLUSTER", "INFO");
  return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${primaries}\r`);
}

function busPortOf(node) {
  return Number(/@(\d+)/.exec(askNode(node, "CLUSTER", "NODES"))[1]);
}

function askNode({ port }, ...command) {
  return execFileSync("redis-cli", ["-p", port, ...command].map(String), { encoding: "utf8" });
}

/** The machine's PostgreSQL where there is one, else PGlite: the same code compiled to WebAssembly, with one connection. */
export async function startPostgres() {
  const port = await freePort();
  return hasPostgres() ? startSystemPostgres(port) : startPglite(port);
}

function hasPostgres() {
  return Boolean(find("postgres") && find("initdb"));
}

function urlAt(port) {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

async function startSystemPostgres(port) {
  const program = find("postgres");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const user = process.getuid?.() === 0 ? idsOf("postgres") : {}; // PostgreSQL refuses to run as root
  if (user.uid) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const options = { ...user, cwd: folder, stdio: "ignore" };
  execFileSync(find("initdb"), ["-D", folder, "-A", "trust", "-U", "postgres", "--no-sync"], options);
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_wal_size=4GB", "autovacuum=off"];
  const args = ["-D", folder, "-p", port, ...settings.flatMap((one) => ["-c", one])];
  const server = launch(program, args, options, { folder, signal: "SIGINT" });
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).match(/[\d.]+/)[0];
  return serving(`PostgreSQL ${version}`, server, port, { url: urlAt(port), connections: 10 });
}

async function startPglite(port) {
  const path = new URL("pglite.mjs", import.meta.url).pathname;
  const server = launch(process.execPath, [path, port], { stdio: "ignore" });
  return serving("PGlite", server, port, { url: urlAt(port), connections: 1 });
}

/** A process that is stopped when the run ends at the latest, also on Ctrl-C while it is still starting. */
function launch(program, args, options, { folder, signal } = {}) {
  const child = spawn(program, args, options);
  return { child, stop: stopAtEnd(() => end(child, folder, signal)) };
}

async function serving(name, { child, stop }, port, more) {
  await untilOpen(port, child);
  started.add(name);
  return { name, port, pid: child.pid, stop, ...more };
}

function idsOf(user) {
  const id = (flag) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function find(program) {
  const root = "/usr/lib/postgresql";
  const debian = existsSync(root) ? readdirSync(root).map((version) => join(root, version, "bin")) : [];
  const folders = [...process.env.PATH.split(delimiter), ...debian];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function end(child, folder, signal = "SIGKILL") {
  child.kill(signal);
  return new Promise((done) => {
    const clean = () => done(folder && rmSync(folder, { recursive: true, force: true }));
    if (child.exitCode !== null || child.signalCode !== null) clean();
    else child.once("exit", clean);
  });
}

async function untilOpen(port, child) {
  const { connect } = await import("node:net");
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with code ${child.exitCode}`);
    const isOpen = await new Promise((done) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => done(true)).once("error", () => done(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return new Promise((done) => setTimeout(done, 300));
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${child.spawnfile} did not open its port within 30 s`);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
