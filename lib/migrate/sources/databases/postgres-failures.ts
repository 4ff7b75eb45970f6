/**
 * Explains the errors of PostgreSQL and of a pooler in front of it.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { codes, HoldfastError } from "../../../errors/index.js";
import { codeOf, noSuchDatabase, refusedLogin, unreachable, type Place } from "../failures.js";
import { explained, meaningOf, rowProblems, type Failure, type Meanings } from "./error-codes.js";

const rows: Meanings<string> = [
  [/^22(P05|021|P03)/, rowProblems.character],
  [/^22P0[26]$|^2203/, rowProblems.notJson],
  [/^22001$/, rowProblems.tooLong],
  [/^54/, rowProblems.tooLarge],
  [/^23505$/, rowProblems.notUnique],
  [/^(23514|23P01)$/, rowProblems.check],
  [/^21000$/, "the column treats its id as equal to another session's"],
];

const failures: Meanings<Failure> = [
  [/^28/, "refusedLogin"],
  [/^3D000$/, "noSuchDatabase"],
  [/^(42P01|3F000)$/, "noTable"],
  [/^42703$/, "noColumn"],
  [/^42501$/, "notAllowed"],
  [/^25006$/, { notWritable: "the server is a replica, or this user may only read" }],
  [/^23/, "constraint"],
  [/^42P10$/, { notWritable: "its id column has no unique index" }],
  [/^57014$/, { canceled: "it exceeded its statement_timeout, or an operator canceled it" }],
  [/^55P03$/, { canceled: "a lock was not free within its lock_timeout" }],
  [/^(40001|40P01)$/, "deadlock"],
  [/^(57P0|53300)/, "busy"],
];

export function rowProblemOfPostgres(cause: unknown): string | undefined {
  const code = codeOf(cause);
  const known = meaningOf(rows, code);
  return known ?? (code.startsWith("22") ? `the database rejects one of its values (${code})` : undefined);
}

export function explainPostgres(place: Place, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  const text = cause instanceof Error ? cause.message : "";
  if (code.startsWith("08")) return ofPooler(place, code, text, cause);
  // If the server asks for a password and there is none, the driver itself fails, and its error has no code.
  if (/password must be a (non-empty )?string/.test(text)) return refusedLogin(place, cause);
  return explained(failures, code, place, cause);
}

/** Class 08, which PgBouncer uses for everything; only the text of the error tells the cause. */
function ofPooler(place: Place, code: string, text: string, cause: unknown): HoldfastError {
  const parameter = /unsupported startup parameter(?: in options)?: "?(\w+)/i.exec(text)?.[1];
  if (parameter) {
    const message =
      `The pooler at ${place.at} rejects the parameter "${parameter}" of the URL. Name PostgreSQL itself in the URL ` +
      "of the sessions table or, if your store does not need the parameter, add it to ignore_startup_parameters of " +
      "PgBouncer.";
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
