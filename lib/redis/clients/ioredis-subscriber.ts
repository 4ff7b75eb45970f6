/** How ioredis and iovalkey open a second connection for messages. */
import type { Subscriber, SubscriberOptions } from "./adapter.js";
import type { IoredisClient } from "./ioredis-client.js";

/** @param client that of one server; the connection has its settings */
export async function openSubscriber(
  client: IoredisClient,
  { longestSilence, onLost }: SubscriberOptions,
): Promise<Subscriber> {
  const connection = client.duplicate({
    lazyConnect: true,
    retryStrategy: null, // whoever needs the messages opens another one
    maxRetriesPerRequest: 0,
    enableOfflineQueue: true,
    enableAutoPipelining: false,
    autoResubscribe: false,
    commandTimeout: undefined,
    socketTimeout: longestSilence,
    monitor: false,
    keyPrefix: "",
    stringNumbers: false,
    protocol: 2, // where messages are replies, which every server and version of the library agrees on
    replyMapping: "legacy",
  });
  for (const event of ["error", "close", "end"]) connection.on(event, onLost);
  await connection.connect();
  connection.stream?.unref?.();
  return {
    send: ([name = "", ...args]) => connection.call(name.toLowerCase(), args),
    subscribe: (channel, onMessage) => {
      connection.on("messageBuffer", (_channel, message) => onMessage(message));
      return connection.subscribe(channel);
    },
    ping: () => connection.call("ping", []),
    close: () => connection.disconnect(),
  };
}
