/** Opens the sessions table that a url names. */
import { codes, HoldfastError } from "../../errors/index.js";
import { openMysql } from "./mysql.js";
import { openPostgres } from "./postgres.js";
import { openSqlite } from "./sqlite.js";
import type { Source, SourceOptions } from "./types.js";

export type { Row, Source, SourceOptions } from "./types.js";

const byScheme: Record<string, (options: SourceOptions) => Promise<Source>> = {
  postgres: openPostgres,
  postgresql: openPostgres,
  mysql: openMysql,
  mariadb: openMysql,
  sqlite: openSqlite,
};

/**
 * Loads the driver for the url's scheme. Does not connect yet: `check()` does.
 *
 * @throws HoldfastError SOURCE_INVALID when the url or a name cannot be used, DRIVER_MISSING when the driver is not
 *   installed
 */
export async function openSource(options: SourceOptions): Promise<Source> {
  const scheme = /^([a-z]+):/i.exec(options.url)?.[1]?.toLowerCase() ?? "";
  const open = Object.hasOwn(byScheme, scheme) ? byScheme[scheme] : undefined;
  if (!open) {
    const known = "postgres://, postgresql://, mysql://, mariadb:// or sqlite:";
    throw new HoldfastError(codes.SOURCE_INVALID, `The url of the sessions table must begin with ${known}.`);
  }
  const names = [options.table, options.schema, ...Object.values(options.columns ?? {})];
  // No database has names with a NUL, and as C text it would end the name early.
  if (names.some((name) => name !== undefined && (name === "" || name.includes("\0")))) {
    const rule = "A name of a table, schema or column must have at least one character, and no NUL.";
    throw new HoldfastError(codes.SOURCE_INVALID, rule);
  }
  return open(options);
}
