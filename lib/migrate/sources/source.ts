/** Opens the sessions table that a URL names. */
import { codes, HoldfastError } from "../../errors/index.js";
import { openMysql } from "./databases/mysql.js";
import { openPostgres } from "./databases/postgres.js";
import { openSqlite } from "./databases/sqlite.js";
import type { Source, SourceOptions } from "./types.js";

export { proveTimes, proveWritable } from "./proof.js";
export type { Row, RowLeft, Source, SourceOptions } from "./types.js";

const byScheme: Record<string, (options: SourceOptions) => Promise<Source>> = {
  postgres: openPostgres,
  postgresql: openPostgres,
  mysql: openMysql,
  mariadb: openMysql,
  sqlite: openSqlite,
};

/**
 * Loads the driver for the URL's scheme. Does not connect yet: `check()` does.
 *
 * @throws HoldfastError SOURCE_INVALID if the URL or a name cannot be used, DRIVER_MISSING if the driver is not
 *   installed
 * @example
 * const source = await openSource({ url: "postgres://127.0.0.1/shop", table: "session" });
 * await source.check();
 */
export async function openSource(options: SourceOptions): Promise<Source> {
  const scheme = /^([a-z]+):/i.exec(options.url)?.[1]?.toLowerCase() ?? "";
  const open = Object.hasOwn(byScheme, scheme) ? byScheme[scheme] : undefined;
  if (!open) {
    const known = "postgres://, postgresql://, mysql://, mariadb:// or sqlite:";
    const others =
      scheme === ""
        ? ""
        : ' For any other database, see "Another database" in docs/migration.md: it takes a few lines.';
    throw new HoldfastError(codes.SOURCE_INVALID, `The URL of the sessions table must begin with ${known}.${others}`);
  }
  const names = [options.table, options.schema, ...Object.values(options.columns ?? {})];
  // No database allows a NUL in a name, and in C text it would end the name early.
  if (names.some((name) => name !== undefined && (name === "" || name.includes("\0")))) {
    const rule = "The name of a table, schema or column must have at least one character, and no NUL.";
    throw new HoldfastError(codes.SOURCE_INVALID, rule);
  }
  return open(options);
}
