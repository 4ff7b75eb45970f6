/**
 * Commands that ioredis and iovalkey must not send twice. When a connection is lost, they send again what was under way
 * (`autoResendUnfulfilledCommands`; a cluster always does), although the server may have run it: a counter would be
 * counted twice.
 */
import { isIoredisCluster, type IoredisClient, type IoredisCommand } from "./ioredis-client.js";

/** What they say of a command whose connection was lost. */
const lost = "Connection is closed.";

/** The same client; what is sent through it fails with the connection, once it has been written to a socket. */
export function sendingOnce(client: IoredisClient): IoredisClient {
  const own = new WeakSet<object>();
  // For what is sent by key, automatic pipelines are those of the app: they would send again as well.
  const options = { ...client.options, enableAutoPipelining: false };
  const sendCommand = (command: IoredisCommand, ...rest: unknown[]): unknown => {
    own.add(command);
    return sendOnce(client, command, rest);
  };
  const forget = (one: IoredisClient) => {
    one.on("close", () => forgetUnanswered(one, own));
  };
  if (isIoredisCluster(client)) {
    for (const node of client.nodes("all")) forget(node);
    client.on("+node", forget);
  } else forget(client);
  return new Proxy(client, {
    get(target, name) {
      if (name === "options") return options;
      return name === "sendCommand" ? sendCommand : Reflect.get(target, name);
    },
  });
}

/** A cluster tries again elsewhere, by a `reject` that it puts on the command. */
function sendOnce(client: IoredisClient, command: IoredisCommand, rest: unknown[]): unknown {
  const { reject, toWritable } = command;
  let isWritten = false;
  command.toWritable = (...args) => {
    isWritten = true;
    return Reflect.apply(toWritable, command, args);
  };
  const sent = client.sendCommand(command, ...rest);
  const tryAgain = command.reject;
  if (tryAgain !== reject)
    command.reject = (error) => {
      const isUnknown = isWritten && error.message === lost;
      isWritten = false; // the server has refused it, as one that has moved the key
      Reflect.apply(isUnknown ? reject : tryAgain, command, [error]);
    };
  return sent;
}

/** The library has set aside what was unanswered, to send it again when it is connected. */
function forgetUnanswered({ prevCommandQueue: queue }: IoredisClient, own: WeakSet<object>): void {
  for (let i = (queue?.length ?? 0) - 1; queue && i >= 0; i--) {
    const command = queue.peekAt(i)?.command;
    if (!command || !own.has(command)) continue;
    queue.removeOne(i);
    command.reject(new Error(lost));
  }
}
