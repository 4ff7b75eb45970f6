/** What sessions in Redis need and cost, from what was measured. Pure. */
import { setupInvalid } from "../../errors/index.js";
import { number } from "../words.js";
import { costOf, type LayoutName, type Measured, type SessionCost } from "./measurements.js";

export interface Site {
  /** Sessions that are alive at once. */
  readonly sessions: number;
  /** A second, at the peak. */
  readonly pageViews: number;
  /** Percent of the page views that write. */
  readonly writes: number;
  /** Of one session's JSON. */
  readonly sessionBytes: number;
  readonly layout: LayoutName;
  /** Percent of the reads that a process answers from memory; 0: there is no near cache. */
  readonly nearCache: number;
  /** For each primary. */
  readonly replicas: number;
  /** Percent of each limit that stays free at the peak. */
  readonly headroom: number;
  /** Bytes of memory of a Redis server. */
  readonly serverMemory: number;
  /** Megabits a second that a Redis server's network carries in each direction. */
  readonly network: number;
  /** A month, as all prices. */
  readonly serverPrice: number;
  readonly databaseServers: number;
  readonly databasePrice: number;
  /** Of a processor core of the app. */
  readonly corePrice: number;
}

type Limit = "processor" | "memory" | "network";

export interface Plan {
  readonly cost: SessionCost;
  /** A second, that reach Redis. */
  readonly reads: number;
  readonly writes: number;
  /** Of the processor of Redis, with nothing kept free. */
  readonly redisCores: number;
  readonly memoryBytes: number;
  /** Megabits a second into all primaries, and out of them; the latter with what replicas get. */
  readonly networkIn: number;
  readonly networkOut: number;
  /** How many primaries each limit alone would need. */
  readonly needed: Readonly<Record<Limit, number>>;
  /** Where the first server is fullest; what decides once there are more. */
  readonly limit: Limit;
  readonly primaries: number;
  readonly servers: number;
  readonly appCores: number;
  readonly monthly: number;
  readonly before: number;
  readonly saving: number;
  /** Percent of what it cost before; undefined if that was nothing. */
  readonly savingPercent: number | undefined;
  /** Wanted, but off on a Cluster. */
  readonly ignoresNearCache: boolean;
}

/** A Redis Cluster has so many slots, so no more primaries could have a share. */
const mostPrimaries = 16_384;

/** @throws HoldfastError if a server has no memory left for sessions, or if no number of servers would do */
export function planOf(site: Site, measured: Measured): Plan {
  const plan = planFor(site, measured);
  if (site.nearCache === 0 || plan.primaries === 1) return plan;
  return { ...planFor({ ...site, nearCache: 0 }, measured), ignoresNearCache: true };
}

function planFor(site: Site, measured: Measured): Plan {
  const { pageViews, layout, nearCache, replicas } = site;
  const cost = costOf(measured, site.sessionBytes, layout, nearCache > 0);
  const reads = pageViews * (1 - nearCache / 100);
  const writes = (pageViews * site.writes) / 100;
  const redisCores = (reads * cost.read.redisMicroseconds + writes * cost.write.redisMicroseconds) / 1e6;
  const memoryBytes = site.sessions * cost.memoryBytes;
  const bytesOut = cost.write.bytesOut + replicas * cost.write.bytesReplicated;
  const networkIn = megabits(reads * cost.read.bytesIn + writes * cost.write.bytesIn);
  const networkOut = megabits(reads * cost.read.bytesOut + writes * bytesOut);
  const share = usable(site);
  const room = site.serverMemory * share - measured.emptyServerBytes;
  if (room <= 0) throw tooSmall(site, measured);
  if (cost.memoryBytes > room) throw tooLarge(site, cost.memoryBytes, room);
  const shares = {
    processor: redisCores / share,
    memory: memoryBytes / room,
    network: Math.max(networkIn, networkOut) / (site.network * share),
  };
  const needed = {
    processor: atLeastOne(shares.processor),
    memory: atLeastOne(shares.memory),
    network: atLeastOne(shares.network),
  };
  const primaries = Math.max(...Object.values(needed));
  if (primaries > mostPrimaries) throw tooMany(primaries);
  const servers = primaries * (1 + replicas);
  const hits = pageViews - reads;
  const appMicroseconds =
    reads * cost.read.appMicroseconds + hits * cost.hitAppMicroseconds + writes * cost.write.appMicroseconds;
  const appCores = appMicroseconds / 1e6;
  const monthly = servers * site.serverPrice + appCores * site.corePrice;
  const before = site.databaseServers * site.databasePrice;
  const limit = (["processor", "memory", "network"] as const).reduce((a, b) => (shares[b] > shares[a] ? b : a));
  return {
    cost,
    reads,
    writes,
    redisCores,
    memoryBytes,
    networkIn,
    networkOut,
    needed,
    limit,
    primaries,
    servers,
    appCores,
    monthly,
    before,
    saving: before - monthly,
    savingPercent: before > 0 ? (100 * (before - monthly)) / before : undefined,
    ignoresNearCache: false,
  };
}

/** The share of each limit that may be used at the peak. */
export function usable({ headroom }: Site): number {
  return 1 - headroom / 100;
}

function megabits(bytes: number): number {
  return (8 * bytes) / 1e6;
}

/** Rounding errors of the division do not buy a server. */
function atLeastOne(share: number): number {
  return Math.max(1, Math.ceil(share - 1e-9));
}

const mb = (bytes: number) => `${Number((bytes / 1e6).toFixed(1))} MB`;

function tooLarge({ sessionBytes }: Site, bytes: number, room: number): Error {
  return setupInvalid(
    `A session of ${mb(sessionBytes)} takes ${mb(bytes)} in Redis, and a server has ${mb(room)} for sessions, so not one ` +
      "fits. Raise --server-memory, or keep large values elsewhere and lower --session-bytes.",
  );
}

function tooMany(primaries: number): Error {
  return setupInvalid(
    `This would take ${number(primaries)} primaries, and a Redis Cluster can have at most ${number(mostPrimaries)}. ` +
      "Raise --server-memory or --network, or check the other numbers.",
  );
}

function tooSmall({ headroom, serverMemory }: Site, { emptyServerBytes }: Measured): Error {
  return setupInvalid(
    `${100 - headroom} % of a server's ${mb(serverMemory)} leaves no memory for sessions: an empty Redis uses ` +
      `${mb(emptyServerBytes)}. Raise --server-memory, or lower --headroom.`,
  );
}
