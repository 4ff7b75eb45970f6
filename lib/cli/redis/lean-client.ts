/**
 * `createClient()` with no more commands than this package sends. The library's own defines a method for each of the 800
 * commands of Redis, which takes 35 ms and leaves 22 MB of garbage behind: V8 copies the list of all properties of a
 * prototype whenever one is added.
 */
import { scanStepIn, SentCommands, type ClientLibrary } from "../../redis/index.js";

type CreateClient = ClientLibrary["createClient"];

/** What is used of the library's class: it connects, and sends any command. */
interface BareClient {
  sendCommand(args: string[]): Promise<unknown>;
}

export type BareClientClass = new (options: Parameters<CreateClient>[0]) => BareClient;

export function leanCreateClient(Client: BareClientClass): CreateClient {
  // It has what `RedisCommands` lists and the adapter for this library uses, which a test compares; and nothing else is used.
  return ((options) => withCommands(new Client(options))) as CreateClient;
}

function withCommands(client: BareClient): BareClient {
  const commands = new SentCommands((_key, args) => client.sendCommand(args));
  for (const name of Object.getOwnPropertyNames(SentCommands.prototype)) {
    const method: unknown = Reflect.get(commands, name);
    if (name !== "constructor" && typeof method === "function") Reflect.set(client, name, method.bind(commands));
  }
  return Object.assign(client, {
    /** As the server sends it, or as a list for whoever has asked for that (`withTypeMapping()`). */
    hGetAll(this: BareClient, key: string) {
      return this.sendCommand(["HGETALL", key]);
    },
    async scan(cursor: string, { COUNT, MATCH }: { COUNT: number; MATCH: string }) {
      return scanStepIn(await client.sendCommand(["SCAN", cursor, "MATCH", MATCH, "COUNT", String(COUNT)]));
    },
    wait(replicas: number, timeout: number) {
      return client.sendCommand(["WAIT", String(replicas), String(timeout)]);
    },
  });
}
