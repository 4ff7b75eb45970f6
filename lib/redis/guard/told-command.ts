/** Tells the name and the duration of a command to whoever listens. */
import { signals } from "../../signals/index.js";
import type { RedisCommands } from "../commands.js";

/**
 * Sends a command and tells how it ended.
 *
 * @param client the app's client, which the signal names
 * @param send sends the command on the commands that it is given, from which its name is read
 */
export function toldCommand<T>(
  client: object,
  commands: RedisCommands,
  send: (commands: RedisCommands) => Promise<T>,
  name?: string,
): Promise<T> {
  const begun = performance.now();
  let called: string | undefined;
  const reply = send(name === undefined ? withNames(commands, (method) => (called ??= method)) : commands);
  const tell = (error?: unknown) =>
    signals.redis.command.send({
      client,
      command: name ?? called?.toUpperCase() ?? "UNKNOWN",
      duration: performance.now() - begun,
      error,
    });
  reply.then(
    () => tell(),
    (error: unknown) => tell(error),
  );
  return reply;
}

/** The same commands; `note` gets the name of each method that is called. */
function withNames(commands: RedisCommands, note: (method: string) => void): RedisCommands {
  return new Proxy(commands, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function" || typeof property !== "string") return method;
      return (...args: unknown[]): unknown => {
        note(property);
        return Reflect.apply(method, target, args);
      };
    },
  });
}
