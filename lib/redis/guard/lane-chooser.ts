/**
 * Which server holds a key. On a cluster each server has its own lane, so that one that is down does not stop the
 * others.
 */
import type { ClientAdapter, Server } from "../clients/index.js";
import type { Lane } from "./lane.js";

export interface LaneChooser {
  /** By key; `undefined` if no key determines the server. */
  of(key: string | undefined): Lane;
  at(server: Server): Lane;
}

export function laneChooser({ serverOf }: Pick<ClientAdapter, "serverOf">, newLane: () => Lane): LaneChooser {
  const first = newLane();
  if (!serverOf) return { of: () => first, at: () => first };
  const lanes = new WeakMap<object, Lane>(); // by the object of the server, which a failover replaces
  const at = (server: Server) => {
    if (server === undefined) return first;
    let lane = lanes.get(server);
    if (lane === undefined) lanes.set(server, (lane = newLane()));
    return lane;
  };
  return { at, of: (key) => (key === undefined ? first : at(serverOf(key))) };
}
