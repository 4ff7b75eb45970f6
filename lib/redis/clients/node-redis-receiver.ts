/** How `redis` receives the messages of a channel, on a connection of its own. */
import type { RedisClientType } from "redis";
import { realTime } from "../../errors/index.js";
import type { Receiver, ReceiverOptions } from "./adapter.js";

/** Opens one with the settings of a single client, a pool, a sentinel or a cluster. */
export async function openReceiver(client: object, options: ReceiverOptions): Promise<Receiver> {
  return receivesItself(client) ? openOn(client, options) : openAt(await connectionLike(client), options);
}

type Connection = ReturnType<typeof duplicate>;

/** Version 4 has `disconnect` for it. */
function closed(connection: Connection): unknown {
  return "destroy" in connection
    ? connection.destroy()
    : Reflect.apply(Reflect.get(connection, "disconnect"), connection, []);
}

async function openAt(connection: Connection, { channel, onMessage, onLost }: ReceiverOptions): Promise<Receiver> {
  let state: "opening" | "open" | "over" = "opening";
  const end = () => {
    const wasOpen = state === "open";
    state = "over";
    realTime.clearInterval(pings);
    if (connection.isOpen) void closed(connection);
    return wasOpen;
  };
  const lost = () => {
    if (state === "open" && end()) onLost();
  };
  // Not the client library's own interval, which would keep an app that ends from exiting.
  const pings = realTime.setInterval(() => {
    if (state === "open") connection.sendCommand(["PING"]).catch(() => {}); // the silence ends the connection
  }, pingInterval);
  pings.unref();
  connection.on("error", lost);
  connection.on("end", lost);
  try {
    await connection.connect();
    connection.unref();
    await connection.subscribe(channel, onMessage);
  } catch (error) {
    end();
    throw error;
  }
  state = "open";
  if (!connection.isReady) lost();
  return { close: () => void end() };
}

/** In milliseconds. Messages are rare, so only a reply to a PING shows that the connection is alive. */
const pingInterval = 10_000;
const longestSilence = 25_000;

function duplicate(client: RedisClientType) {
  return client.duplicate({
    RESP: 2, // where messages are replies, which every server and version of the client library agrees on
    maintNotifications: "disabled",
    disableOfflineQueue: false,
    pingInterval: 0,
    socket: { ...client.options.socket, reconnectStrategy: false, socketTimeout: longestSilence },
  });
}

/** A new connection to a server behind the client. In a cluster, each server gets what is published at any other. */
async function connectionLike(client: object): Promise<Connection> {
  if (isPool(client)) return client.execute(async (member) => duplicate(member));
  if (isSingle(client)) return duplicate(client);
  if (!isCluster(client)) throw new Error("This client cannot receive messages.");
  const servers = client.masters;
  const server = servers[Math.floor(Math.random() * servers.length)];
  if (!server) throw new Error("The cluster has no known server.");
  return duplicate(await client.nodeClient(server));
}

interface Pool {
  execute<T>(use: (member: RedisClientType) => Promise<T>): Promise<T>;
}

interface Cluster {
  readonly masters: readonly object[];
  nodeClient(server: object): RedisClientType | Promise<RedisClientType>;
}

interface ReceivingClient {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: "topology-change", listener: (change: { type?: unknown }) => void): unknown;
  off(event: "topology-change", listener: (change: { type?: unknown }) => void): unknown;
}

function isPool(client: object): client is Pool {
  return "totalClients" in client;
}

/** A cluster can be duplicated, too. */
function isSingle(client: object): client is RedisClientType {
  return "duplicate" in client && !isCluster(client);
}

function isCluster(client: object): client is Cluster {
  return "slots" in client;
}

/** A sentinel client follows the primary with a connection for messages; the Redis of holdfast/testing has no connection. */
function receivesItself(client: object): client is ReceivingClient {
  return "getSentinelNode" in client || !("duplicate" in client || isPool(client) || isCluster(client));
}

async function openOn(client: ReceivingClient, { channel, onMessage, onLost }: ReceiverOptions): Promise<Receiver> {
  const listener = (message: string) => onMessage(message);
  const close = () => {
    client.off("topology-change", changed);
    client.unsubscribe(channel, listener).catch(() => {}); // there is nothing left to unsubscribe from
  };
  const changed = ({ type }: { type?: unknown }) => {
    if (type !== "MASTER_CHANGE") return;
    close();
    onLost();
  };
  await client.subscribe(channel, listener);
  client.on("topology-change", changed);
  return { close };
}
