/** The servers of a cluster, which @valkey/valkey-glide knows but does not tell: asked, and remembered for a while. */
import type { GlideCommands } from "./glide-commands.js";
import { keySlot } from "./key-slot.js";

export interface GlideServer {
  readonly host: string;
  readonly port: number;
}

/** Milliseconds after which they are asked again, if they are still used. */
const freshFor = 10_000;

export class GlideServers {
  readonly #commands: GlideCommands;
  /** By address, so that the same server is always the same object. */
  readonly #known = new Map<string, GlideServer>();
  #bySlot: (GlideServer | undefined)[] = [];
  #askedAt = -Infinity;

  constructor(commands: GlideCommands) {
    this.#commands = commands;
  }

  /** The primary that holds a key, as far as it is known: a failover is noticed some seconds later. */
  of(key: string): GlideServer | undefined {
    if (performance.now() - this.#askedAt > freshFor) void this.find().catch(() => {}); // asked again later
    return this.#bySlot[keySlot(key)];
  }

  /** All primaries now. */
  async find(): Promise<GlideServer[]> {
    this.#askedAt = performance.now();
    const reply = await this.#commands.sendTo("randomNode", ["CLUSTER", "SLOTS"]);
    const bySlot: (GlideServer | undefined)[] = [];
    for (const [from, to, [host, port] = []] of Array.isArray(reply) ? reply : []) {
      const server = this.#at(String(host), Number(port));
      for (let slot = Number(from); slot <= Number(to); slot++) bySlot[slot] = server;
    }
    this.#bySlot = bySlot;
    return [...new Set(bySlot)].filter((server) => server !== undefined);
  }

  #at(host: string, port: number): GlideServer {
    const address = `${host}:${port}`;
    let server = this.#known.get(address);
    if (!server) this.#known.set(address, (server = { host, port }));
    return server;
  }
}
