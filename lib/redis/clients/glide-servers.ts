/** The servers of a cluster, which @valkey/valkey-glide knows but does not tell: asked, and remembered for a while. */
import { ClusterServers, type ClusterServer } from "./cluster-servers.js";
import { keySlot } from "./key-slot.js";

/** Milliseconds after which they are asked again, if they are still used. */
const freshFor = 10_000;

export class GlideServers {
  readonly #ask: () => Promise<unknown>;
  readonly #known = new ClusterServers();
  #bySlot: (ClusterServer | undefined)[] = [];
  #askedAt = -Infinity;

  /** @param ask sends CLUSTER SLOTS */
  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
  }

  /** The primary that holds a key, as far as it is known: a failover is noticed some seconds later. */
  of(key: string): ClusterServer | undefined {
    if (performance.now() - this.#askedAt > freshFor) void this.find().catch(() => {}); // asked again later
    return this.#bySlot[keySlot(key)];
  }

  /** All primaries now. */
  async find(): Promise<ClusterServer[]> {
    this.#askedAt = performance.now();
    const reply = await this.#ask();
    const bySlot: (ClusterServer | undefined)[] = [];
    for (const [from, to, [host, port] = []] of Array.isArray(reply) ? reply : []) {
      const server = this.#known.at(`${host}:${port}`);
      for (let slot = Number(from); slot <= Number(to); slot++) bySlot[slot] = server;
    }
    this.#bySlot = bySlot;
    return [...new Set(bySlot)].filter((server) => server !== undefined);
  }
}
