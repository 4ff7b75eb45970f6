/** Explains the errors of MySQL and MariaDB. */
import { codes, HoldfastError, propertyOf } from "../../../errors/index.js";
import { codeOf, type Place } from "../failures.js";
import { explained, meaningOf, rowProblems, type Failure, type Meanings } from "./error-codes.js";

const rows: Meanings<string> = [
  [/^ER_(TRUNCATED_WRONG_VALUE|CANNOT_CONVERT|INVALID_CHARACTER)/, rowProblems.character],
  [/^ER_DATA_TOO_LONG/, rowProblems.tooLong],
  [/^ER_(NET_PACKET_TOO_LARGE|TOO_BIG_ROWSIZE|TOO_LONG)/, `${rowProblems.tooLarge} at once`],
  [/^ER_INVALID_JSON/, rowProblems.notJson],
  [/^ER_WARN_DATA_OUT_OF_RANGE/, "its expiry time is outside the range of the column"],
  [/^ER_DUP_ENTRY/, rowProblems.notUnique],
  [/ (4025|3819)$/, rowProblems.check], // MariaDB's check of a JSON column, and a CHECK constraint in either
];

const failures: Meanings<Failure> = [
  [/^ER_((DB)?ACCESS_DENIED|HOST_NOT_PRIVILEGED|NOT_SUPPORTED_AUTH)/, "refusedLogin"],
  [/^ER_BAD_DB_ERROR\b/, "noSuchDatabase"],
  [/^ER_NO_SUCH_TABLE\b/, "noTable"],
  [/^ER_BAD_FIELD_ERROR\b/, "noColumn"],
  [/^ER_(TABLE|COLUMN)ACCESS_DENIED/, "notAllowed"],
  [
    /^ER_(OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE|CANT_EXECUTE_IN_READ_ONLY|OPEN_AS_READONLY)/,
    { notWritable: "the server is a replica, or is read-only" },
  ],
  [/^ER_(NO_DEFAULT_FOR_FIELD|BAD_NULL|NO_REFERENCED_ROW|VIEW_CHECK)/, "constraint"],
  [
    /^ER_QUERY_INTERRUPTED\b| (3024|1969)$/, // the numbers of MySQL and MariaDB for the same error
    { canceled: "it exceeded its time limit, or an operator canceled it" },
  ],
  [/^ER_LOCK_WAIT_TIMEOUT\b/, { canceled: "a lock was not free in time" }],
  [/^ER_LOCK_DEADLOCK\b/, "deadlock"],
  [/^ER_(CON_COUNT|SERVER_SHUTDOWN|HOST_IS_BLOCKED|TOO_MANY_USER)/, "busy"],
];

export function rowProblemOfMysql(cause: unknown): string | undefined {
  return meaningOf(rows, nameAndNumber(cause));
}

export function explainMysql(place: Place, cause: unknown): HoldfastError {
  if (codeOf(cause) === "ER_NO_DB_ERROR") {
    const message = "The URL of the sessions table names no database. Add it at the end: mysql://user@host/database.";
    return new HoldfastError(codes.SOURCE_INVALID, message, { cause });
  }
  return explained(failures, nameAndNumber(cause), place, cause);
}

/** Such as `ER_NO_SUCH_TABLE 1146`: the driver has no name for some errors of MariaDB. */
function nameAndNumber(cause: unknown): string {
  return `${codeOf(cause)} ${String(propertyOf(cause, "errno"))}`;
}
