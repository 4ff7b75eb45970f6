/**
 * What a cluster of `redis` does not do by itself to reach a server again, through its public methods:
 *
 * - A connection that has given up stays closed, also if the server is back: it is opened again. The library gives up
 *   after its `socketTimeout`, and where it has put its own `reconnectStrategy: false` into an object of the app's that
 *   is both in `rootNodes` and in `nodeAddressMap`.
 * - It looks for the servers anew once it is connected to all that it has found, and waits for one that has died
 *   meanwhile: what has never been connected is ended after a moment.
 * - It does not ask who holds the keys of a server that is silent, or to which it has never been connected: another
 *   server is asked. If it is another one now, the library learns it from a command that goes to a wrong server.
 */
import { propertyOf, realTime, within } from "../../errors/index.js";
import { keySlot } from "./key-slot.js";
import type { NodeRedisCluster } from "./node-redis-client.js";
import { sendByKey } from "./node-redis-send.js";

/** Milliseconds between two attempts for one server. */
const pause = 500;
/** Milliseconds that a first connection, and any question, may take. */
const patience = 1000;

interface NodeConnection {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  on(event: "connect", listener: () => void): unknown;
}

export class ClusterRecovery {
  readonly #cluster: NodeRedisCluster;
  readonly #triedAt = new WeakMap<object, number>();
  /** When a connection was first seen that has not been opened yet. */
  readonly #connectingSince = new WeakMap<NodeConnection, number>();

  constructor(cluster: NodeRedisCluster) {
    this.#cluster = cluster;
  }

  /** @param key with its prefix; its server does not answer */
  attempt(key: string): void {
    const server = this.#cluster.slots[keySlot(key)]?.master;
    if (server === undefined) return;
    const now = realTime.now();
    if (now - (this.#triedAt.get(server) ?? -Infinity) < pause) return;
    this.#triedAt.set(server, now);
    this.giveUpConnecting();
    const connection = connectionOf(server);
    if (connection && !connection.isOpen && !isConnecting(server)) connection.connect().catch(() => {});
    this.#followKey(key, server).catch(() => {});
  }

  /** Ends what has never been connected for a moment. It is opened again when it is used. */
  giveUpConnecting(): void {
    const now = realTime.now();
    for (const server of this.#cluster.masters) {
      const connection = connectionOf(server);
      if (!connection?.isOpen || connection.isReady || !isConnecting(server)) continue;
      const since = this.#connectingSince.get(connection);
      if (since === undefined) this.#connectingSince.set(connection, now);
      else if (now - since >= patience) end(connection);
    }
  }

  async #followKey(key: string, server: object): Promise<void> {
    const others = this.#cluster.masters.filter((one) => one !== server && connectionOf(one)?.isReady);
    const asked = connectionOf(others[Math.floor(Math.random() * others.length)]);
    if (!asked) return;
    const ranges = await within(sendByKey(asked, undefined, ["CLUSTER", "SLOTS"]), patience);
    const owner = ownerIn(ranges, keySlot(key));
    if (owner === undefined || owner === `${propertyOf(server, "host")}:${propertyOf(server, "port")}`) return;
    // Without a key to go by, it is sent to any server.
    await within(sendByKey(this.#cluster, undefined, ["GET", key]), patience);
  }
}

function connectionOf(server: object | undefined): NodeConnection | undefined {
  const connection = propertyOf(server, "client");
  return isConnection(connection) ? connection : undefined;
}

function isConnection(value: unknown): value is NodeConnection {
  return ["isOpen", "isReady"].every((name) => typeof propertyOf(value, name) === "boolean");
}

function isConnecting(server: object): boolean {
  return Boolean(propertyOf(server, "connectPromise"));
}

/** A socket that is still connecting would reach a closed client. */
function end(connection: NodeConnection): void {
  const method = propertyOf(connection, "destroy") ?? propertyOf(connection, "disconnect");
  if (typeof method !== "function") return;
  const destroy = async () => void (await Reflect.apply(method, connection, []));
  connection.on("connect", () => void destroy().catch(() => {}));
  destroy().catch(() => {});
}

/** `host:port`, as the library notes it. */
function ownerIn(ranges: unknown, slot: number): string | undefined {
  if (!Array.isArray(ranges)) return undefined;
  for (const range of ranges) {
    const [from, to, primary]: unknown[] = Array.isArray(range) ? range : [];
    if (Number(from) > slot || !(slot <= Number(to)) || !Array.isArray(primary)) continue;
    return `${String(primary[0])}:${String(primary[1])}`;
  }
  return undefined;
}
