/** How clients of `redis` of all versions and kinds send a command that is given as words. */
import { propertyOf } from "../../errors/index.js";
import { isCluster, isSentinel, type NodeRedisSentinel } from "./node-redis-client.js";
import { isRead } from "./reads.js";

/** `RESP_TYPES.MAP` of the library: the byte that a map begins with in the protocol. A map is a list, as in RESP2. */
export const asLists = { 37: Array };
/** The usual types of replies, whatever the app has set. */
const options = { typeMapping: asLists };

/** To the primary that holds `key`. What needs a key has its prefix in `args` already. */
export function sendByKey(client: object, key: string | undefined, args: string[]): Promise<unknown> {
  if (isSentinel(client)) return sendOnce(client, args);
  return isCluster(client) ? call(client, [key, false, args, options]) : call(client, [args, options]);
}

/** The app's own method, so that whatever it has put there sees the command. */
function call(client: object, args: unknown[]): Promise<unknown> {
  const send: unknown = propertyOf(client, "sendCommand");
  if (typeof send !== "function") throw new TypeError("this client has no sendCommand()");
  return Reflect.apply(send, client, args);
}

/**
 * When the connection to the primary ends, a sentinel runs what was under way again, on the next primary. What changes
 * something must not be run twice: a counter would be counted twice.
 */
function sendOnce(client: NodeRedisSentinel, args: string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const attempt = async (primary: object): Promise<unknown> => {
      try {
        return await call(primary, [args, options]);
      } catch (error) {
        // A replica has refused it.
        if (isRead(args) || (error instanceof Error && error.message.startsWith("READONLY"))) throw error;
        return reject(error);
      }
    };
    // oxlint-disable-next-line no-underscore-dangle -- it is how each command of a sentinel reaches a connection
    client._execute(false, attempt).then(resolve, reject);
  });
}
