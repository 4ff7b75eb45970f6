/** Clients of @valkey/valkey-glide: one server, Cluster. */
import type { ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter, Connection, Server } from "./adapter.js";
import { ClusterServer } from "./cluster-servers.js";
import { bytes, isGlideCluster, type GlideClient, type GlideRoute } from "./glide-client.js";
import { glideFailure } from "./glide-failure.js";
import { GlideServers } from "./glide-servers.js";
import { scanStepIn, SentCommands } from "./sent-commands.js";

export class Glide implements ClientAdapter {
  readonly kind: ClientAdapter["kind"];
  readonly commands: SentCommands;
  readonly howToOpen = "it was closed, so create a new one";
  readonly keyPrefix = "";
  readonly announces = false;
  readonly serverOf: ((key: string) => Server) | undefined;
  readonly failure = glideFailure;
  readonly #client: GlideClient;
  readonly #cluster: GlideServers | undefined;

  constructor(client: GlideClient) {
    this.#client = client;
    const isCluster = isGlideCluster(client);
    this.kind = isCluster ? "cluster" : "single";
    // To the primary: the library would read from replicas if the app has asked it to.
    this.commands = new SentCommands((key, args) =>
      this.#send(isCluster ? { type: "primarySlotKey", key } : undefined, args),
    );
    if (!isCluster) return;
    const cluster = new GlideServers(() => this.#send("randomNode", ["CLUSTER", "SLOTS"]));
    this.#cluster = cluster;
    this.serverOf = (key) => cluster.of(key);
  }

  /** It is connected from its creation on. */
  get isOpen(): boolean {
    return this.#client.isClosed !== true;
  }

  get servers(): readonly Server[] | undefined {
    return this.#cluster ? undefined : [undefined];
  }

  async findServers(): Promise<readonly Server[]> {
    return this.#cluster?.find() ?? [undefined];
  }

  send(server: Server, args: string[]): Promise<unknown> {
    if (!this.#cluster) return this.#send(undefined, args);
    if (!(server instanceof ClusterServer)) return this.#send("randomNode", args);
    return this.#send({ type: "routeByAddress", host: server.host, port: server.port }, args);
  }

  async scan(server: Server, cursor: string, { COUNT, MATCH }: ScanStepOptions): Promise<ScanStep> {
    return scanStepIn(await this.send(server, ["SCAN", cursor, "MATCH", MATCH, "COUNT", String(COUNT)]));
  }

  fieldsOf(key: string): Promise<unknown[]> {
    return this.commands.fields(key);
  }

  wait(key: string, replicas: number, timeout: number): Promise<unknown> {
    const route = this.#cluster && ({ type: "primarySlotKey", key } as const);
    return this.#send(route, ["WAIT", String(replicas), String(timeout)]);
  }

  connection(server: Server): Connection {
    const { addresses, credentials, databaseId, useTLS } = this.#client.config ?? {};
    const at = server instanceof ClusterServer ? server : this.#cluster ? undefined : addresses?.[0];
    return {
      host: at?.host,
      port: at?.port ?? (at ? 6379 : undefined),
      tls: Boolean(useTLS),
      hasPassword: credentials !== undefined,
      user: credentials?.username,
      database: databaseId ?? 0,
    };
  }

  /** @param route absent for a client of one server */
  async #send(route: GlideRoute | undefined, args: string[]): Promise<unknown> {
    return asInResp2(await this.#client.customCommand(args, route ? { decoder: bytes, route } : { decoder: bytes }));
  }
}

/** A map is a list of `{ key, value }` there. */
function asInResp2(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString();
  if (Array.isArray(reply))
    return reply.flatMap((item) => (isEntry(item) ? [asInResp2(item.key), asInResp2(item.value)] : [asInResp2(item)]));
  return typeof reply === "boolean" ? Number(reply) : reply;
}

function isEntry(item: unknown): item is { key: unknown; value: unknown } {
  return typeof item === "object" && item !== null && "key" in item && "value" in item;
}
