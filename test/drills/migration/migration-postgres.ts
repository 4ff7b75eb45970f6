/** A PostgreSQL that can be restarted while it is used. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/servers/free-port.js";
import { poolOf } from "../../support/servers/postgres-server.js";
import { findProgram } from "../../support/programs.js";

const root = "/usr/lib/postgresql"; // where Debian puts it
const find = (program: string) =>
  findProgram(program) ??
  (existsSync(root) ? readdirSync(root) : [])
    .map((version) => join(root, version, "bin", program))
    .find((path) => existsSync(path));
const [initdb, postgres] = [find("initdb"), find("postgres")];
export const hasPostgres = initdb !== undefined && postgres !== undefined;

export interface RestartablePostgres {
  readonly url: string;
  /** Ends all connections, as a restart by the administrator does, and is there again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRestartablePostgres(): Promise<RestartablePostgres> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "holdfast-move-"));
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  const user = process.getuid?.() === 0 ? { uid: id("-u"), gid: id("-g") } : {}; // it refuses to run as root
  if ("uid" in user) chownSync(folder, user.uid!, user.gid!);
  chmodSync(folder, 0o700);
  const data = join(folder, "data");
  const options = { ...user, cwd: folder, stdio: "ignore" as const };
  execFileSync(initdb!, ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"], options);
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60"];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  const kill = () => void server.kill("SIGKILL");
  const start = async () => {
    server = spawn(postgres!, ["-D", data, "-p", `${port}`, ...settings.flatMap((one) => ["-c", one])], options);
    for (let tries = 0; !(await isAnswering(url)); tries++) {
      if (tries === 400) throw new Error("PostgreSQL does not answer");
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  const end = async () => {
    const gone = once(server, "exit");
    server.kill("SIGINT");
    await gone;
  };
  await start();
  process.once("exit", kill);
  return {
    url,
    async restart() {
      await end();
      await start();
    },
    async stop() {
      process.off("exit", kill);
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isAnswering(url: string): Promise<boolean> {
  const pool = poolOf(url);
  return pool
    .query("SELECT 1")
    .then(
      () => true,
      () => false,
    )
    .finally(() => pool.end());
}
