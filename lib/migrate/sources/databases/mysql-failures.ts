/** Explains the errors of MySQL and MariaDB. */
import { codes, HoldfastError } from "../../../errors/index.js";
import {
  codeOf,
  connectionReason,
  failed,
  canceled,
  noSuchDatabase,
  noTable,
  notAllowed,
  notWritable,
  refusedLogin,
  unreachable,
  wrongTable,
  type Place,
} from "../failures.js";

export function rowProblemOfMysql(cause: unknown): string | undefined {
  const code = codeOf(cause);
  const { errno } = (cause ?? {}) as { errno?: number };
  if (/^ER_(TRUNCATED_WRONG_VALUE|CANNOT_CONVERT|INVALID_CHARACTER)/.test(code))
    return "it contains a character that the column cannot store";
  if (code.startsWith("ER_DATA_TOO_LONG")) return "it, or its id, is longer than the column";
  if (/^ER_(NET_PACKET_TOO_LARGE|TOO_BIG_ROWSIZE|TOO_LONG)/.test(code))
    return "it is larger than the database accepts at once";
  if (code.startsWith("ER_INVALID_JSON")) return "it is not JSON that the column accepts";
  if (code.startsWith("ER_WARN_DATA_OUT_OF_RANGE")) return "its expiry time is outside the range of the column";
  if (code.startsWith("ER_DUP_ENTRY")) return "another row already has one of its values";
  // MariaDB's check of a JSON column, and a CHECK constraint in either.
  return errno === 4025 || errno === 3819 ? "a CHECK constraint rejects it" : undefined;
}

export function explainMysql(place: Place, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  const { errno } = (cause ?? {}) as { errno?: number };
  if (code === "ER_NO_DB_ERROR") {
    const message = "The URL of the sessions table names no database. Add it at the end: mysql://user@host/database.";
    return new HoldfastError(codes.SOURCE_INVALID, message, { cause });
  }
  if (/^ER_((DB)?ACCESS_DENIED|HOST_NOT_PRIVILEGED|NOT_SUPPORTED_AUTH)/.test(code)) return refusedLogin(place, cause);
  if (code === "ER_BAD_DB_ERROR") return noSuchDatabase(place, cause);
  if (code === "ER_NO_SUCH_TABLE") return noTable(place, cause);
  if (code === "ER_BAD_FIELD_ERROR") return wrongTable(place, "it lacks a column", cause);
  if (/^ER_(TABLE|COLUMN)ACCESS_DENIED/.test(code)) return notAllowed(place, cause);
  if (/^ER_(OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE|CANT_EXECUTE_IN_READ_ONLY|OPEN_AS_READONLY)/.test(code))
    return notWritable(place, "the server is a replica, or is read-only", cause);
  if (/^ER_(NO_DEFAULT_FOR_FIELD|BAD_NULL|NO_REFERENCED_ROW|VIEW_CHECK)/.test(code))
    return notWritable(place, `a constraint of the table rejects what is written (${code})`, cause);
  // The numbers of MySQL and MariaDB for the same error.
  if (errno === 3024 || errno === 1969 || code === "ER_QUERY_INTERRUPTED")
    return canceled(place, "it exceeded its time limit, or an operator canceled it", cause);
  if (code === "ER_LOCK_WAIT_TIMEOUT") return canceled(place, "a lock was not free in time", cause);
  if (code === "ER_LOCK_DEADLOCK") return canceled(place, "it was in a deadlock", cause);
  if (/^ER_(CON_COUNT|SERVER_SHUTDOWN|HOST_IS_BLOCKED|TOO_MANY_USER)/.test(code))
    return unreachable(place, "it does not accept connections at the moment", cause);
  const reason = connectionReason(cause);
  return reason ? unreachable(place, reason, cause) : failed(place, cause);
}
