/** Which server a key lives on: there is one, except on a cluster, where one silent server must not stop the others. */
import { keySlot } from "./key-slot.js";
import type { Lane } from "./lane.js";

interface Cluster {
  slots: readonly ({ master?: object } | undefined)[];
  nodeClient(node: object): unknown;
}

export function laneChooser(client: object, newLane: () => Lane): (key: string | undefined) => Lane {
  const first = newLane();
  if (!("slots" in client)) return () => first;
  const lanes = new WeakMap<object, Lane>(); // by the client library's note of the server, which a failover replaces
  return (key) => {
    const server = key === undefined ? undefined : (client as unknown as Cluster).slots[keySlot(key)]?.master;
    if (server === undefined) return first;
    let lane = lanes.get(server);
    if (lane === undefined) lanes.set(server, (lane = newLane()));
    return lane;
  };
}

/** The client of the server that a key lives on: WAIT must go where the key was written. */
export async function nodeOf(client: object, key: string): Promise<unknown> {
  if (!("slots" in client)) return client;
  const cluster = client as unknown as Cluster;
  const server = cluster.slots[keySlot(key)]?.master;
  return server === undefined ? client : cluster.nodeClient(server);
}
