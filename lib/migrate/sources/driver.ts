/** Loads database drivers, which are optional peer dependencies, when a source needs them. */
import { codes, HoldfastError, propertyOf } from "../../errors/index.js";

/**
 * The module of a driver, as `import()` returns it. The caller says what it uses of it: its types may not be installed.
 *
 * @param module the specifier, such as `pg` or `mysql2/promise`
 * @throws HoldfastError DRIVER_MISSING with the command that installs it
 */
export async function driver<Module>(module: string, database: string): Promise<Module> {
  const name = module.split("/")[0]!;
  try {
    // A variable, so that a bundler does not require drivers that the app does not have.
    return await import(module);
  } catch (cause) {
    const problem = isAbsent(cause) ? "is not installed" : "cannot be loaded";
    const message = `${database} needs the driver ${name}, which ${problem}. Install it with npm i ${name}.`;
    throw new HoldfastError(codes.DRIVER_MISSING, message, { cause });
  }
}

function isAbsent(cause: unknown): boolean {
  // In the CommonJS build, `import()` is `require()`, which has another code; and Jest's errors come from another
  // realm.
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(String(propertyOf(cause, "code")));
}
