/**
 * Which server holds a key. On a cluster each server has its own lane, so that one that is down does not stop the
 * others.
 */
import type { RedisCommands } from "../commands.js";
import { keyPrefixOf } from "./key-prefix.js";
import { keySlot } from "./key-slot.js";
import type { Lane } from "./lane.js";
import { withUsualReplies } from "./usual-replies.js";

interface Cluster {
  readonly slots: readonly ({ master?: object } | undefined)[];
  readonly masters: readonly object[];
  nodeClient(node: object): RedisCommands | Promise<RedisCommands>;
}

export interface LaneChooser {
  /** By key; `undefined` if no key determines the server. */
  of(key: string | undefined): Lane;
  /** By the client library's object for a server of a cluster. */
  at(server: object | undefined): Lane;
}

export function laneChooser(client: object, newLane: () => Lane): LaneChooser {
  const first = newLane();
  if (!isCluster(client)) return { of: () => first, at: () => first };
  const lanes = new WeakMap<object, Lane>(); // by the object of the server, which a failover replaces
  const at = (server: object | undefined) => {
    if (server === undefined) return first;
    let lane = lanes.get(server);
    if (lane === undefined) lanes.set(server, (lane = newLane()));
    return lane;
  };
  return { at, of: (key) => (key === undefined ? first : at(serverOf(client, key))) };
}

function serverOf(client: Cluster, key: string): object | undefined {
  return client.slots[keySlot(keyPrefixOf(client) + key)]?.master;
}

function isCluster(client: object): client is Cluster {
  return "slots" in client;
}

/** The client of the server that holds a key: WAIT must be sent where the key was written. */
export function nodeOf(client: RedisCommands, key: string): Promise<RedisCommands> {
  return clientAt(client, isCluster(client) ? serverOf(client, key) : undefined);
}

/** All servers that hold keys, for commands that each of them has to get; `[undefined]` if there is only one. */
export function serversOf(client: object): readonly (object | undefined)[] {
  return isCluster(client) ? client.masters : [undefined];
}

/** The client of one of them. */
export async function clientAt(client: RedisCommands, server: object | undefined): Promise<RedisCommands> {
  if (server === undefined || !isCluster(client)) return client;
  return withUsualReplies(await client.nodeClient(server)); // it has the settings of the app's cluster
}
