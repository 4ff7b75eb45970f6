/** Drivers of databases are optional peers: loaded when a source of their kind is opened. */
import { codes, HoldfastError } from "../../errors/index.js";

/**
 * The module of a driver, as `import()` gives it.
 *
 * @param module what is imported, `pg` or `mysql2/promise`
 * @throws HoldfastError DRIVER_MISSING with the command that installs it
 */
export async function driver(module: string, database: string): Promise<unknown> {
  const name = module.split("/")[0]!;
  try {
    // A variable, so that a bundler does not demand the drivers that an app does not have.
    return await import(module);
  } catch (cause) {
    const problem = isAbsent(cause) ? "is not installed" : "cannot be loaded";
    const message = `${database} needs the driver ${name}, which ${problem}. Install it: npm i ${name}.`;
    throw new HoldfastError(codes.DRIVER_MISSING, message, { cause });
  }
}

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
}
