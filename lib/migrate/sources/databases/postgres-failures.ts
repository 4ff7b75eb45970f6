/** Explains the errors of PostgreSQL and of a pooler in front of it. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
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

export function rowProblemOfPostgres(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (/^22(P05|021|P03)/.test(code)) return "it contains a character that the column cannot store";
  if (code === "22P02" || code === "22P06" || code.startsWith("2203")) return "it is not JSON that the column accepts";
  if (code === "22001") return "it, or its id, is longer than the column";
  if (code.startsWith("54")) return "it is larger than the database accepts";
  if (code.startsWith("22")) return `the database rejects one of its values (${code})`;
  if (code === "23505") return "another row already has one of its values";
  if (code === "23514" || code === "23P01") return "a CHECK constraint rejects it";
  return code === "21000" ? "the column treats its id as equal to another session's" : undefined;
}

export function explainPostgres(place: Place, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  const text = cause instanceof Error ? cause.message : "";
  if (code.startsWith("08")) return ofPooler(place, code, text, cause);
  // If the server asks for a password and there is none, the driver itself fails, and its error has no code.
  const noPassword = /password must be a (non-empty )?string/.test(text);
  if (code.startsWith("28") || noPassword) return refusedLogin(place, cause);
  if (code === "3D000") return noSuchDatabase(place, cause);
  if (code === "42P01" || code === "3F000") return noTable(place, cause);
  if (code === "42703") return wrongTable(place, "it lacks a column", cause);
  if (code === "42501") return notAllowed(place, cause);
  if (code === "25006") return notWritable(place, "the server is a replica, or this user may only read", cause);
  if (code.startsWith("23"))
    return notWritable(place, `a constraint of the table rejects what is written (${code})`, cause);
  if (code === "42P10") return notWritable(place, "its id column has no unique index", cause);
  if (code === "57014") return canceled(place, "it exceeded its statement_timeout, or an operator canceled it", cause);
  if (code === "55P03") return canceled(place, "a lock was not free within its lock_timeout", cause);
  if (code === "40001" || code === "40P01") return canceled(place, "it was in a deadlock", cause);
  if (/^(57P0|53300)/.test(code)) return unreachable(place, "it does not accept connections at the moment", cause);
  const reason = connectionReason(cause);
  return reason ? unreachable(place, reason, cause) : failed(place, cause);
}

/** Class 08, which PgBouncer uses for everything; only the text of the error tells the cause. */
function ofPooler(place: Place, code: string, text: string, cause: unknown): HoldfastError {
  const parameter = /unsupported startup parameter(?: in options)?: "?(\w+)/i.exec(text)?.[1];
  if (parameter) {
    const message =
      `The pooler at ${place.at} rejects the parameter "${parameter}" of the URL. Name PostgreSQL itself in the URL of ` +
      `the sessions table or, if your store does not need the parameter, add it to ignore_startup_parameters of PgBouncer.`;
    return new HoldfastError(codes.SOURCE_REFUSED_LOGIN, message, { cause });
  }
  if (/no such database/i.test(text)) return noSuchDatabase(place, cause);
  if (/no such user|password|authentication|not allowed|permission/i.test(text)) return refusedLogin(place, cause);
  if (
    /no more connections|too many|wait_timeout|login.*fail|cannot connect|shut.?ting down|paused|suspended/i.test(text)
  )
    return unreachable(place, "the pooler has no free connection to PostgreSQL at the moment", cause);
  return unreachable(place, `the server, or a pooler in front of it, refused the connection (${code})`, cause);
}
