/** Where a server is, as the client library knows it: nothing is sent. */
import { propertyOf } from "../../../errors/index.js";
import type { RedisClient } from "../../../redis/index.js";
import type { Server } from "./asker.js";

/** `name` is `host:port`, or the path of a socket file. */
export function addressOf(client: RedisClient, server: Server): { host: string; name: string } | undefined {
  const socket = propertyOf(propertyOf(client, "options"), "socket");
  const getPrimary = propertyOf(client, "getMasterNode");
  const primary: unknown = typeof getPrimary === "function" ? getPrimary.call(client) : undefined;
  const at = server ?? primary ?? socket;
  const [host, port, path] = ["host", "port", "path"].map((name) => propertyOf(at, name));
  if (typeof path === "string") return { host: "localhost", name: path };
  if (typeof host !== "string") return at === socket && at ? { host: "localhost", name: "localhost" } : undefined;
  return { host, name: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}` };
}
