/** Clients of @valkey/valkey-glide: one server, Cluster. */
import type { ScanStep, ScanStepOptions } from "../commands.js";
import type { ClientAdapter, Connection, Server } from "./adapter.js";
import { isGlideCluster, type GlideClient, type GlideRoute } from "./glide-client.js";
import { GlideCommands } from "./glide-commands.js";
import { glideFailure } from "./glide-failure.js";
import { GlideServers, type GlideServer } from "./glide-servers.js";

export class Glide implements ClientAdapter {
  readonly kind: ClientAdapter["kind"];
  readonly commands: GlideCommands;
  readonly howToOpen = "it was closed, so create a new one";
  readonly keyPrefix = "";
  readonly serverOf: ((key: string) => Server) | undefined;
  readonly failure = glideFailure;
  readonly #client: GlideClient;
  readonly #cluster: GlideServers | undefined;

  constructor(client: GlideClient) {
    this.#client = client;
    this.commands = new GlideCommands(client);
    this.kind = isGlideCluster(client) ? "cluster" : "single";
    if (this.kind === "single") return;
    const cluster = new GlideServers(this.commands);
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
    return this.commands.sendTo(this.#routeTo(server), args);
  }

  async scan(server: Server, cursor: string, { COUNT, MATCH }: ScanStepOptions): Promise<ScanStep> {
    const reply = await this.send(server, ["SCAN", cursor, "MATCH", MATCH, "COUNT", String(COUNT)]);
    const [next, keys]: unknown[] = Array.isArray(reply) ? reply : [];
    return { cursor: next, keys: Array.isArray(keys) ? keys : [] };
  }

  fieldsOf(key: string): Promise<unknown[]> {
    return this.commands.list(key, ["HGETALL", key]);
  }

  wait(key: string, replicas: number, timeout: number): Promise<unknown> {
    return this.commands.sendFor(key, ["WAIT", String(replicas), String(timeout)]);
  }

  connection(server: Server): Connection {
    const { addresses, credentials, databaseId, useTLS } = this.#client.config ?? {};
    const at = (server as GlideServer | undefined) ?? (this.#cluster ? undefined : addresses?.[0]); // it was made here
    return {
      host: at?.host,
      port: at?.port ?? (at ? 6379 : undefined),
      tls: Boolean(useTLS),
      hasPassword: credentials !== undefined,
      user: credentials?.username,
      database: databaseId ?? 0,
    };
  }

  #routeTo(server: Server): GlideRoute | undefined {
    if (!this.#cluster) return undefined;
    if (server === undefined) return "randomNode";
    const { host, port } = server as GlideServer; // it was made here
    return { type: "routeByAddress", host, port };
  }
}
