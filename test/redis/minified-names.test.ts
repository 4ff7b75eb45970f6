/** Errors of the client library are recognized where a minifier has changed the names of all classes. */
import { ReplyError as ReplyError6 } from "ioredis";
import { ReplyError as ReplyError5 } from "ioredis5";
import { ReplyError as ValkeyReplyError } from "iovalkey";
import * as redis4 from "redis4";
import * as redis5 from "redis5";
import * as redis6 from "redis";
import { describe, expect, it } from "vitest";
import { isReply, knownFailure } from "../../lib/redis/failure-reasons.js";

const replies = [
  "NOSCRIPT No matching script. Please use EVAL.",
  "WRONGTYPE Operation against a key holding the wrong kind of value",
  "ERR unknown command",
  "OOM command not allowed when used memory > 'maxmemory'.",
  "READONLY You can't write against a read only replica.",
  "LOADING Redis is loading the dataset in memory",
  "NOPERM User app has no permissions to run the 'get' command",
  "CLUSTERDOWN The cluster is down",
  "MOVED 3999 127.0.0.1:6381",
];
const names = [
  "AbortError",
  "ClientClosedError",
  "ClientOfflineError",
  "ConnectionTimeoutError",
  "DisconnectsClientError",
];
const more = ["RootNodesUnavailableError", "SocketClosedUnexpectedlyError", "SocketTimeoutError"];

/** The same error, as a minified copy of the library makes it. */
function minified(error: Error): Error {
  const a = class extends Error {};
  Object.defineProperty(a, "name", { value: "a" });
  return new a(error.message);
}

describe.each([
  ["redis 5", redis5],
  ["redis 6", redis6],
] as [string, Record<string, any>][])("%s", (_name, library) => {
  it.each(replies)("a reply: %s", (text) => {
    const error: Error = new library["SimpleError"](text);
    for (const one of [error, minified(error)]) {
      expect(isReply(one)).toBe(true);
      expect(knownFailure(one)).toEqual(knownFailure(error));
    }
  });

  it.each([...names, ...more])("no reply: %s", (name) => {
    const error: Error = new library[name](100);
    for (const one of [error, minified(error)]) expect(isReply(one)).toBe(false);
    expect(knownFailure(minified(error))).toEqual(knownFailure(error));
  });
});

describe.each([
  ["redis 4", redis4.ErrorReply],
  ["ioredis 5", ReplyError5],
  ["ioredis 6", ReplyError6],
  ["iovalkey", ValkeyReplyError],
] as [string, new (text: string) => Error][])("%s", (_name, Reply) => {
  it.each(replies)("a reply: %s", (text) => {
    const error = new Reply(text);
    for (const one of [error, minified(error)]) {
      expect(isReply(one)).toBe(true);
      expect(knownFailure(one)).toEqual(knownFailure(error));
    }
  });

  it("a reply of a script in its own words", () => expect(isReply(new Reply("no luck"))).toBe(true));
});

it.each([
  ["Connection is closed.", "reset"],
  [
    'Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.',
    "reset",
  ],
  ["Stream isn't writeable and enableOfflineQueue options is false", "down"],
  ["Cluster isn't ready and enableOfflineQueue options is false", "down"],
  ["Failed to refresh slots cache.", "cluster"],
  ["Too many Cluster redirections. Last error: ReplyError: MOVED 1 127.0.0.1:1", "cluster"],
  ["None of startup nodes is available", "down"],
  ["Command aborted due to connection close", "reset"],
  ["Command timed out", "timeout"],
  ["timed out", "timeout"],
  ["Received connection error `broken pipe`. Will attempt to reconnect", "reset"],
  ["Unable to execute requests; the client is closed. Please create a new client.", "down"],
  ["Client circuit breaker is open - core unhealthy", "down"],
])("no reply, but known, in ioredis or valkey-glide: %s", (text, reason) => {
  expect(isReply(new Error(text))).toBe(false);
  expect(knownFailure(new Error(text))).toMatchObject({ reason });
});

it.each([
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" }),
  Object.assign(new Error("SSL routines:ssl3_get_record:wrong version number"), {
    code: "ERR_SSL_WRONG_VERSION_NUMBER",
  }),
  new Error("Socket closed unexpectedly"),
  new TypeError("x is not a function"),
  "NOSCRIPT",
])("no reply either: %s", (error) => expect(isReply(error)).toBe(false));
