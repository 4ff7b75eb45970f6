/** Starts MariaDB for a test file, where the machine has it. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql from "mysql2/promise";
import { freePort } from "./free-port.js";
import { findProgram } from "../programs.js";

export interface TestMariadb {
  /** With user, password and database. */
  url: string;
  port: number;
  stop(): Promise<void>;
}

const server = findProgram("mariadbd") ?? ["/usr/sbin/mariadbd"].find((path) => existsSync(path));
const installer = findProgram("mariadb-install-db");
/** Why there is none here, with the remedy; undefined when there is one. */
export const mariadbMissing =
  server && installer
    ? undefined
    : "MariaDB is not on this machine: apt-get install mariadb-server-core mariadb-client-core";

/** @param args more arguments for the server, as `["--sql-mode=NO_BACKSLASH_ESCAPES"]` */
export async function startMariadb(args: string[] = []): Promise<TestMariadb> {
  if (!server || !installer) throw new Error(mariadbMissing);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "holdfast-mariadb-"));
  const always = ["--no-defaults", `--datadir=${join(folder, "data")}`];
  // Without the option it refuses to run as root, and nobody but root may give it.
  if (process.getuid?.() === 0) always.push("--user=root");
  const setup = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
  execFileSync(installer, [...always, ...setup], { stdio: "ignore" });
  const quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--performance-schema=OFF"];
  const address = ["--bind-address=127.0.0.1", `--port=${port}`, `--socket=${join(folder, "socket")}`];
  const child = spawn(server, [...always, ...address, ...quick, ...args], { stdio: "ignore", cwd: folder });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  await makeUser(port, child);
  const url = `mysql://shop:${encodeURIComponent("s3cr3t-@:/#%")}@127.0.0.1:${port}/shop`;
  return {
    url,
    port,
    async stop() {
      process.off("exit", kill);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeUser(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mariadbd ended with code ${child.exitCode}`);
    try {
      const root = await mysql.createConnection({ host: "127.0.0.1", port, user: "root" });
      await root.query("CREATE DATABASE shop CHARACTER SET utf8mb4");
      await root.query("CREATE USER shop@'%' IDENTIFIED BY 's3cr3t-@:/#%'");
      await root.query("GRANT ALL ON *.* TO shop@'%'");
      await root.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error("MariaDB did not answer within 20 s", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
