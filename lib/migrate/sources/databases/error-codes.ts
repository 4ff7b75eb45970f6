/** Explains a database's errors by their codes. What each code means is a table, one per database. */
import type { HoldfastError } from "../../../errors/index.js";
import {
  canceled,
  codeOf,
  connectionReason,
  failed,
  noSuchDatabase,
  noTable,
  notAllowed,
  notWritable,
  refusedLogin,
  unreachable,
  wrongTable,
  type Place,
} from "../failures.js";

/** Codes and what they mean; the first that matches counts. */
export type Meanings<T> = readonly (readonly [code: RegExp, meaning: T])[];

export function meaningOf<T>(meanings: Meanings<T>, code: string): T | undefined {
  return meanings.find(([pattern]) => pattern.test(code))?.[1];
}

/** Why a database rejects a row, as the end of a sentence. */
export const rowProblems = {
  character: "it contains a character that the column cannot store",
  tooLong: "it, or its id, is longer than the column",
  tooLarge: "it is larger than the database accepts",
  notJson: "it is not JSON that the column accepts",
  notUnique: "another row already has one of its values",
  check: "a CHECK constraint rejects it",
};

/** What a failure means; with a reason where that depends on the database. */
export type Failure = keyof typeof withoutReason | { readonly notWritable: string } | { readonly canceled: string };

const withoutReason = {
  refusedLogin,
  noSuchDatabase,
  noTable,
  noColumn: (place: Place, cause: unknown) => wrongTable(place, "it lacks a column", cause),
  notAllowed,
  constraint: (place: Place, cause: unknown) =>
    notWritable(place, `a constraint of the table rejects what is written (${codeOf(cause)})`, cause),
  deadlock: (place: Place, cause: unknown) => canceled(place, "it was in a deadlock", cause),
  busy: (place: Place, cause: unknown) => unreachable(place, "it does not accept connections at the moment", cause),
};

/** The error for a failure of the database, or of the connection to it. @param code as the table has it */
export function explained(failures: Meanings<Failure>, code: string, place: Place, cause: unknown): HoldfastError {
  const failure = meaningOf(failures, code);
  if (failure === undefined) {
    const reason = connectionReason(cause);
    return reason ? unreachable(place, reason, cause) : failed(place, cause);
  }
  if (typeof failure === "string") return withoutReason[failure](place, cause);
  return "canceled" in failure
    ? canceled(place, failure.canceled, cause)
    : notWritable(place, failure.notWritable, cause);
}
