/**
 * Which SQLite opens the file. The app goes on writing to it meanwhile, so the locks must be SQLite's own: a build for
 * WebAssembly (node-sqlite3-wasm) has locks of another kind, which the app's driver does not see, and cannot open a file
 * in WAL mode. These three have the real ones, and need no install script, or are there because the app's store uses
 * them. Their methods have the same names.
 */
import { codes, HoldfastError } from "../../errors/index.js";

export interface Database {
  prepare(sql: string): {
    all(...values: (string | number)[]): unknown[];
    run(...values: (string | number)[]): unknown;
  };
  exec(sql: string): unknown;
  close(): void;
}
export type OpenDatabase = new (path: string) => Database;

const drivers: [module: string, face: string][] = [
  ["better-sqlite3", "default"],
  ["node:sqlite", "DatabaseSync"], // in Node.js from 22.13
  ["libsql", "default"], // a fork of SQLite with the same files and locks, compiled for each platform
];

/** @throws HoldfastError DRIVER_MISSING when there is none of them */
export async function sqliteDriver(): Promise<OpenDatabase> {
  for (const [module, face] of drivers) {
    try {
      // A variable, so that a bundler does not demand the drivers that an app does not have.
      const Database = ((await import(module)) as Record<string, OpenDatabase>)[face]!;
      new Database(":memory:").close(); // better-sqlite3 loads its compiled part only now
      return Database;
    } catch {
      // not installed, or compiled for another version of Node: the next one will do
    }
  }
  const remedy = "Install one: npm i libsql, or use Node.js 22.13 or later, which has its own.";
  throw new HoldfastError(codes.DRIVER_MISSING, `SQLite needs a driver, and none is installed. ${remedy}`);
}
