/** Error replies as @valkey/valkey-glide words them, in the words of the server. Pure. */

/** The library's names for the kinds of error replies that it knows. */
const kinds: Readonly<Record<string, string>> = {
  ResponseError: "ERR",
  ExecAbortError: "EXECABORT",
  BusyLoadingError: "LOADING",
  NoScriptError: "NOSCRIPT",
  Moved: "MOVED",
  Ask: "ASK",
  TryAgain: "TRYAGAIN",
  ClusterDown: "CLUSTERDOWN",
  CrossSlot: "CROSSSLOT",
  MasterDown: "MASTERDOWN",
  ReadOnly: "READONLY",
  NotBusy: "NOTBUSY",
  PermissionDenied: "NOPERM",
};

/** `An error was signalled by the server: - NoScriptError: No matching script.`, for which there are variants. */
const known = /^An error was signalled by the server:? ?- ?(\w+)(?:: ([^]*))?$/;
/** `WRONGTYPE: Operation against a key holding the wrong kind of value` */
const other = /^([A-Z][A-Z0-9_]*): ([^]*)$/;

/** The error itself, unless it is a reply. */
export function glideFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const text = replyIn(error.message);
  return text === undefined ? error : new Error(text, { cause: error });
}

function replyIn(message: string): string | undefined {
  const [, name, detail = ""] = known.exec(message) ?? other.exec(message) ?? [];
  return name === undefined ? undefined : `${kinds[name] ?? name} ${detail}`;
}
