/**
 * Errors of client libraries and servers without the arguments of commands: session ids, sessions and passwords, which
 * would reach logs. Pure, but for the error itself.
 */

/** What the server adds to its answer to a command that it does not know. */
const quoted = /,? with args beginning with: .*/;

/** The same error; errors in it are changed too. */
export function withoutArguments(error: unknown, depth = 5): unknown {
  if (!(error instanceof Error) || depth === 0) return error;
  Reflect.deleteProperty(error, "command"); // of ioredis and iovalkey: the command with all its arguments
  if (quoted.test(error.message)) {
    error.message = error.message.replace(quoted, "");
    if (error.stack !== undefined) error.stack = error.stack.replace(quoted, "");
  }
  // ioredis tells of a cluster that cannot be reached with the last error, which may be that of a login.
  for (const name of ["cause", "lastNodeError", "errors"]) {
    const inner: unknown = Reflect.get(error, name);
    for (const one of [inner].flat()) withoutArguments(one, depth - 1);
  }
  return error;
}
