/**
 * Chooses the SQLite driver that opens the file. The app keeps writing to it, so the locks must be SQLite's own: a
 * build for WebAssembly (node-sqlite3-wasm) uses a different kind of lock, which the app's driver does not see, and
 * cannot open a file in WAL mode. These three use the real locks, and either need no install script or are installed
 * because the app's store uses them. Their methods have the same names.
 */
import { codes, HoldfastError } from "../../../errors/index.js";

export interface Database {
  prepare(sql: string): {
    all<Row>(...values: (string | number)[]): Row[];
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

/** @throws HoldfastError DRIVER_MISSING if none of them is installed */
export async function sqliteDriver(): Promise<OpenDatabase> {
  for (const [module, face] of drivers) {
    try {
      // A variable, so that a bundler does not require drivers that the app does not have.
      const exported: Record<string, OpenDatabase> = await import(module);
      const Database = exported[face]!;
      new Database(":memory:").close(); // better-sqlite3 loads its compiled part only now
      return Database;
    } catch {
      // not installed, or compiled for another version of Node.js: try the next one
    }
  }
  const remedy = "Install one with npm i libsql, or use Node.js 22.13 or later, which has its own.";
  throw new HoldfastError(codes.DRIVER_MISSING, `SQLite needs a driver, and none is installed. ${remedy}`);
}
