/**
 * Clients and clusters of `redis` 4. Each command is sent as words: version 4 ignores the options that SET has since, and
 * sends scripts to any server of a cluster, which has to refuse them, upon which all servers are discovered anew.
 */
import { propertyOf } from "../../errors/index.js";
import type { ScanStep, ScanStepOptions } from "../commands.js";
import type { Server } from "./adapter.js";
import { NodeRedis } from "./node-redis.js";
import type { NodeRedisClient } from "./node-redis-client.js";
import { scanStepIn, SentCommands } from "./sent-commands.js";

/** Not in legacy mode, in which its methods take callbacks. */
export function isNodeRedis4(client: object & { isOpen?: unknown }): client is NodeRedisClient {
  const needed = ["get", "set", "unlink", "evalSha", "eval", "hGetAll", "disconnect", "sendCommand"];
  return (
    typeof client.isOpen === "boolean" &&
    needed.every((name) => typeof propertyOf(client, name) === "function") &&
    !("withTypeMapping" in client) &&
    !isInLegacyMode(client)
  );
}

export function isInLegacyMode(client: object): boolean {
  return "v4" in client && propertyOf(propertyOf(client, "options"), "legacyMode") === true;
}

export class NodeRedis4 extends NodeRedis {
  override readonly commands = new SentCommands((key, args) =>
    this.kind === "cluster" ? sendBy(this.client, [key, false, args]) : sendBy(this.client, [args]),
  );
  override readonly announcer = undefined;

  override async send(server: Server, args: string[]): Promise<unknown> {
    return sendBy(
      await this.nodeAt(server),
      server === undefined && this.kind === "cluster" ? ["", false, args] : [args],
    );
  }

  override async scan(server: Server, cursor: string, { COUNT, MATCH }: ScanStepOptions): Promise<ScanStep> {
    return scanStepIn(await this.send(server, ["SCAN", cursor, "MATCH", MATCH, "COUNT", String(COUNT)]));
  }

  override fieldsOf(key: string): Promise<unknown[]> {
    return this.commands.fields(key);
  }
}

function sendBy(client: object, args: unknown[]): Promise<unknown> {
  const send: unknown = propertyOf(client, "sendCommand");
  if (typeof send !== "function") throw new TypeError("this client has no sendCommand()");
  return Reflect.apply(send, client, args);
}
