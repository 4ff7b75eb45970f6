/** How clients of `redis` open a second connection for messages. */
import type { RedisClientType } from "redis";
import type { Server, Subscriber, SubscriberOptions } from "./adapter.js";
import { isCluster, isPool, isSentinel } from "./node-redis-client.js";

/** With the settings of the client. In a cluster, each server gets what is published at any other. */
export async function openSubscriber(
  client: object,
  server: Server,
  { longestSilence, onLost }: SubscriberOptions,
): Promise<Subscriber> {
  const connection = await copyOf(client, server, longestSilence);
  connection.on("error", onLost);
  connection.on("end", onLost);
  await connection.connect();
  connection.unref();
  return {
    send: (args) => connection.sendCommand(args),
    subscribe: (channel, onMessage) => connection.subscribe(channel, onMessage),
    ping: () => connection.sendCommand(["PING"]),
    close: () => {
      if (!connection.isOpen) return;
      // Version 4 has `disconnect` for it.
      if ("destroy" in connection) connection.destroy();
      else Reflect.apply(Reflect.get(connection, "disconnect"), connection, []);
    },
  };
}

async function copyOf(client: object, server: Server, silence: number) {
  const make = (one: RedisClientType) => duplicate(one, silence);
  if (isPool(client)) return client.execute(make);
  // oxlint-disable-next-line no-underscore-dangle -- it is how each command of a sentinel reaches a connection
  if (isSentinel(client)) return client._execute(false, async (one) => make(one));
  if (isSingle(client)) return make(client);
  if (!isCluster(client)) throw new TypeError("This client cannot open another connection.");
  const { masters } = client;
  const one = server ?? masters[Math.floor(Math.random() * masters.length)];
  if (!one) throw new Error("The cluster has no known server.");
  return make(await client.nodeClient(one));
}

/** A cluster can be duplicated, too. */
function isSingle(client: object): client is RedisClientType {
  return "duplicate" in client && !isCluster(client);
}

function duplicate(client: RedisClientType, socketTimeout: number) {
  return client.duplicate({
    RESP: 2, // where messages are replies, which every server and version of the library agrees on
    clientSideCache: undefined,
    commandOptions: undefined,
    maintNotifications: "disabled",
    disableOfflineQueue: false,
    pingInterval: 0, // not the library's own, which would keep an app that ends from exiting
    // Version 4 knows no `socketTimeout`.
    socket: { ...client.options?.socket, reconnectStrategy: false, socketTimeout },
  });
}
