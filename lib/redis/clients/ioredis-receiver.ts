/** How ioredis and iovalkey receive the messages of a channel, on a connection of its own. */
import { realTime, within } from "../../errors/index.js";
import type { Receiver, ReceiverOptions } from "./adapter.js";
import { isIoredisCluster, type IoredisClient } from "./ioredis-client.js";

/** In milliseconds. Messages are rare, so only a reply to a PING shows that the connection is alive. */
const pingInterval = 10_000;
const longestSilence = 15_000;

/** Opens one with the settings of the client. In a cluster, each server gets what is published at any other. */
export async function openReceiver(client: IoredisClient, options: ReceiverOptions): Promise<Receiver> {
  const { channel, onMessage, onLost } = options;
  const connection = serverOf(client).duplicate({
    lazyConnect: true,
    retryStrategy: null, // whoever needs the messages opens another one
    enableOfflineQueue: true,
    enableAutoPipelining: false,
    autoResubscribe: false,
    keyPrefix: "",
    monitor: false,
    protocol: 2,
    replyMapping: "legacy",
  });
  let state: "opening" | "open" | "over" = "opening";
  const end = () => {
    const wasOpen = state === "open";
    state = "over";
    realTime.clearInterval(pings);
    connection.disconnect();
    return wasOpen;
  };
  const lost = () => {
    if (state === "open" && end()) onLost();
  };
  const pings = realTime.setInterval(() => {
    if (state === "open") void within(connection.ping(), longestSilence).catch(lost);
  }, pingInterval);
  pings.unref();
  connection.on("error", lost);
  connection.on("end", lost);
  connection.on("message", (_channel, message) => onMessage(String(message)));
  try {
    await connection.connect();
    connection.stream?.unref?.();
    await connection.subscribe(channel);
  } catch (error) {
    end();
    throw error;
  }
  state = "open";
  if (connection.status !== "ready") lost();
  return { close: () => void end() };
}

function serverOf(client: IoredisClient): IoredisClient {
  if (!isIoredisCluster(client)) return client;
  const servers = client.nodes("master");
  const server = servers[Math.floor(Math.random() * servers.length)];
  if (!server) throw new Error("The cluster has no known server.");
  return server;
}
