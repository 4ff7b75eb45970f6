/** The values of `error.reason`: why Redis could not be used. A closed list, for dashboards and for `switch`. */
export const failureReasons = [
  /** No reply within the deadline. Redis may or may not have done the work. */
  "timeout",
  /** There is no connection, or Redis is known not to respond and no command is sent. Nothing was done. */
  "down",
  /** The connection closed while the command was in flight. Redis may or may not have done the work. */
  "reset",
  /** Redis has reached its memory limit and cannot evict anything. */
  "full",
  /** This server is a replica, which accepts no writes. */
  "read-only",
  /** Redis cannot write to its disk. */
  "disk",
  /** Redis has just started and is still loading its data. */
  "loading",
  /** Redis is running a script that does not end. */
  "busy",
  /** Redis requires a login, or rejected the one it got. */
  "password",
  /** The Redis user may not send this command, or not for this key. */
  "no-permission",
  /** The cluster has lost a server, or is moving the key. */
  "cluster",
  /** Fewer replicas have the change than were asked for. */
  "replicas",
  /** Redis accepts no more connections. */
  "connections",
  /** The host name cannot be resolved. */
  "host",
  /** The TLS handshake failed. */
  "tls",
  /** Any other error reply; see `cause`. */
  "other",
] as const;

export type FailureReason = (typeof failureReasons)[number];
