/** How ioredis and iovalkey open a connection for announcements. */
import { realTime } from "../../errors/index.js";
import type { AnnouncementListener } from "./adapter.js";
import type { IoredisClient } from "./ioredis-client.js";

/** Milliseconds between two PINGs. */
const pingInterval = 1000;
/** Milliseconds of silence after which the connection counts as dead. */
const longestSilence = 3000;

/** A connection with the settings of `client`, which is that of one server. */
export function ioredisListener(client: IoredisClient, onLost: () => void): AnnouncementListener {
  const connection = client.duplicate({
    protocol: 2, // so that announcements are messages of a channel
    replyMapping: undefined,
    lazyConnect: true,
    enableOfflineQueue: true,
    autoResubscribe: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    socketTimeout: longestSilence,
    keyPrefix: "",
    stringNumbers: false,
    enableAutoPipelining: false,
  });
  // The library closes a connection that answers nothing for so long; between announcements there must be answers.
  const pings = realTime.setInterval(() => void connection.call("ping", []).catch(() => {}), pingInterval).unref();
  const lost = () => {
    realTime.clearInterval(pings);
    onLost();
  };
  for (const event of ["error", "close", "end"] as const) connection.on(event, lost);
  return {
    get isReady() {
      return connection.status === "ready";
    },
    connect: () => connection.connect(),
    id: async () => Number(await connection.call("client", ["ID"])),
    send: ([name = "", ...args]) => connection.call(name.toLowerCase(), args),
    subscribe: (onKeys) => {
      connection.on("messageBuffer", (_channel, message) => onKeys(message));
      return connection.subscribe("__redis__:invalidate");
    },
    close: () => {
      realTime.clearInterval(pings);
      connection.disconnect();
    },
  };
}
