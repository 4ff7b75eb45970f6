/**
 * Starts PostgreSQL for a test file: the machine's, or PGlite where there is none, which is its code compiled to
 * WebAssembly, with one session at a time and no passwords.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";
import { findProgram } from "../programs.js";

export interface TestPostgres {
  kind: "server" | "pglite";
  /** With user and password. */
  url: string;
  port: number;
  stop(): Promise<void>;
}

export interface TestPool {
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
  on(event: "error", listener: () => void): void;
  end(): Promise<void>;
}
const pg = createRequire(import.meta.url)("pg") as { Pool: new (options: object) => TestPool };

/** A pool of `pg`, which the caller ends. */
export function poolOf(url: string): TestPool {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on("error", () => {}); // idle connections end with the server
  return pool;
}

/** @param timeZone the server's own, as `America/New_York` */
export async function startPostgres(timeZone = "UTC"): Promise<TestPostgres> {
  const [initdb, postgres] = [find("initdb"), find("postgres")];
  if (initdb && postgres) return startServer(initdb, postgres, timeZone);
  if (process.env["CI"]) throw new Error("PostgreSQL is not on this machine: apt-get install postgresql");
  return startPglite(timeZone);
}

async function startServer(initdb: string, postgres: string, timeZone: string): Promise<TestPostgres> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "holdfast-postgres-"));
  const user = process.getuid?.() === 0 ? idsOf("postgres") : undefined; // PostgreSQL refuses to run as root
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, "s3cr3t-@:/#%");
  for (const path of [passwordFile, folder]) if (user) chownSync(path, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, "data");
  const options = { ...user, cwd: folder, stdio: "ignore" as const };
  const login = ["-A", "scram-sha-256", "-U", "postgres", `--pwfile=${passwordFile}`];
  execFileSync(initdb, ["-D", data, ...login, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], options);
  const settings = [
    `TimeZone=${timeZone}`,
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${folder}`,
    "fsync=off",
  ];
  const server = spawn(postgres, ["-D", data, "-p", `${port}`, ...settings.flatMap((one) => ["-c", one])], options);
  const kill = () => void server.kill("SIGKILL");
  process.once("exit", kill);
  const url = `postgres://postgres:${encodeURIComponent("s3cr3t-@:/#%")}@127.0.0.1:${port}/postgres`;
  await untilAnswering(url, server);
  return {
    kind: "server",
    url,
    port,
    async stop() {
      process.off("exit", kill);
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGINT"); // ends its sessions; SIGKILL would leave its shared memory behind
        await once(server, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startPglite(timeZone: string): Promise<TestPostgres> {
  const { PGlite } = await import("@electric-sql/pglite");
  const { PGLiteSocketServer } = await import("@electric-sql/pglite-socket");
  const port = await freePort();
  const db = await PGlite.create();
  await db.exec(`SET TIME ZONE '${timeZone}'`);
  const server = new PGLiteSocketServer({ db, port, host: "127.0.0.1", maxConnections: 20 });
  await server.start();
  const stop = async () => {
    await server.stop();
    await db.close();
  };
  return { kind: "pglite", url: `postgres://postgres@127.0.0.1:${port}/postgres`, port, stop };
}

/** On PATH, or where Debian puts it. */
function find(program: string): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const paths = versions.map((version) => join(root, version, "bin", program));
  return findProgram(program) ?? paths.find((path) => existsSync(path));
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function untilAnswering(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with code ${server.exitCode}`);
    const pool = poolOf(url);
    try {
      await pool.query("SELECT 1");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error("PostgreSQL did not answer within 20 s", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 30));
    } finally {
      await pool.end();
    }
  }
}
