/**
 * Set-up of the vitest project `unit`: its tests run on any machine at once, so none of them may start a program. Where
 * its files share a process, our modules are new for each of them, and what lies in node_modules is loaded once.
 */
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { vi } from "vitest";

vi.resetModules();

const refused =
  (name: string) =>
  (command: unknown): never => {
    throw new Error(
      `${name}(${String(command)}): tests of the project "unit" start no server and no program. ` +
        `Take this file off the list in test/unit-tests.ts.`,
    );
  };

for (const name of ["spawn", "spawnSync", "fork", "exec", "execSync", "execFile", "execFileSync"] as const) {
  childProcess[name] = refused(name) as never;
}
syncBuiltinESMExports();
