/** Classifies errors of the client library and the server by reason. Pure. */
import type { FailureReason } from "../errors/index.js";

interface Known {
  readonly reason: FailureReason;
  /** Completes "A command to Redis failed: ...". */
  readonly words: string;
}

const offline = "there is no connection to Redis at the moment";

/** The first match counts. An error reply starts with its kind in capitals; older servers wrap errors of scripts. */
const known: readonly [RegExp, FailureReason, string][] = [
  [/(^|-)OOM\b/, "full", "Redis is out of memory (maxmemory) and evicts nothing"],
  [/(^|-)READONLY\b|read-only mode|^MASTERDOWN/, "read-only", "this Redis server is a read-only replica"],
  [/(^|-)NOREPLICAS\b/, "replicas", "Redis has fewer replicas than it needs to take writes (min-replicas-to-write)"],
  [/(^|-)LOADING\b/, "loading", "Redis is still loading its data"],
  [/^BUSY\b/, "busy", "Redis is running a script that does not end"],
  [/(^|-)MISCONF\b/, "disk", "Redis cannot save to its disk and refuses writes"],
  [/NOPERM|user executing the script can't/, "no-permission", "the Redis user may not run this command"],
  [/NOAUTH|WRONGPASS/, "password", "Redis refused the login"],
  [
    /^(CLUSTERDOWN|TRYAGAIN|CROSSSLOT|MOVED|ASK)\b|CommandRedirections|[Cc]luster redirections|[Rr]oot ?[Nn]odes|[Ss]lots? .*not covered|refresh slots cache/,
    "cluster",
    "the cluster cannot serve this key",
  ],
  [
    /subscriber mode|monitoring mode|allowed in this context/,
    "other",
    "this connection receives messages (SUBSCRIBE or MONITOR), so it takes no commands: pass another one",
  ],
  [/max number of clients/, "connections", "Redis accepts no more connections (maxclients)"],
  [/ECONNREFUSED/, "down", "nothing listens there"],
  [/ENOTFOUND|EAI_AGAIN/, "host", "the host name is not known"],
  [/ENOENT/, "down", "the socket file does not exist"],
  [/EACCES|EPERM/, "down", "this process may not connect there"],
  [/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/, "down", "that address is not reachable from here"],
  // `redis`; ioredis and iovalkey: what was queued has not been sent; valkey-glide
  [
    /client ?(is )?offline|client ?(is |was )?closed|enableOfflineQueue|startup nodes|Cluster is ended|circuit ?breaker/i,
    "down",
    offline,
  ],
  // ioredis and iovalkey: these words also stand for commands in flight; valkey-glide
  [/Connection is closed|max retries per request|aborted due to connection close|ClosingError/, "reset", offline],
  // valkey-glide; `redis`
  [
    /maximum inflight requests|queue is full/i,
    "busy",
    "this process has too many commands under way (`inflightRequestsLimit`, `commandsQueueMaxLength`)",
  ],
  [/ETIMEDOUT|TimeoutError|timed? ?out/i, "timeout", "it did not answer in time"],
  [
    /Disconnects ?client|ECONNRESET|EPIPE|ECONNABORTED|Socket ?closed|socket hang up|connection ?error/i,
    "reset",
    "the connection was closed",
  ],
  [/CERT|certificate|\bSSL\b|\bTLS\b/i, "tls", "the TLS handshake failed"],
];

/** `undefined` for a reply that says nothing about the state of Redis, such as WRONGTYPE. */
export function knownFailure(cause: unknown): Known | undefined {
  const text = messageOf(cause);
  const name = cause instanceof Error ? `${cause.name} ${cause.constructor.name} ${text}` : text;
  for (const [pattern, reason, words] of known)
    if (pattern.test(text) || pattern.test(name)) return (words === offline && obstacleIn(cause)) || { reason, words };
  return undefined;
}

/** Why there is no connection, if that says more. Nothing was sent, so it is not `timeout` or `reset`. */
function obstacleIn(error: unknown): Known | undefined {
  const why = error instanceof Error ? knownFailure(error.cause) : undefined;
  return why && /password|connections|host|tls/.test(why.reason) ? why : undefined;
}

/** For errors of the connection itself: in any case, the command got no reply. */
export function connectionFailure(cause: unknown): Known {
  return knownFailure(cause) ?? { reason: "down", words: "the connection to Redis failed (see `cause`)" };
}

/** The beginning of an error reply: its kind, in capitals. */
const replyKind = /^[A-Z][A-Z0-9_]+(?: |$)/;

/**
 * Whether Redis sent this error, and not the connection. By the name of its class (of `redis`, or of ioredis), because
 * the app has its own copy of it; and by its text, because minifiers change the names of classes. System errors have a code.
 */
export function isReply(error: unknown): boolean {
  for (let type: unknown = error; type instanceof Error; type = Object.getPrototypeOf(type)) {
    if (type.constructor.name === "ErrorReply" || type.name === "ReplyError") return true;
  }
  return error instanceof Error && !("code" in error) && replyKind.test(error.message);
}

export function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  // A failure to connect to several addresses has no message of its own.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
  return cause.message || (first === undefined ? code || cause.name : messageOf(first));
}
