/** What `holdfast plan` prints: each figure with the arithmetic behind it. Pure. */
import { count } from "../words.js";
import type { Measured } from "./measurements.js";
import { usable, type Plan, type Site } from "./plan.js";

const width = "Operations  ".length;

export function planPage(site: Site, plan: Plan, measured: Measured): string[] {
  return [
    ...line("Measured", measuredOn(measured)),
    ...line("Operations", operations(site, plan), plan.ignoresNearCache && nearCacheOff),
    ...line("Processor", processor(site, plan)),
    ...line("Memory", memory(site, plan, measured), plan.cost.isExtrapolated && beyond(site, measured)),
    ...line("Network", network(site, plan)),
    ...line("Limit", limit(plan)),
    ...line("Servers", servers(site, plan)),
    ...line("App", app(site, plan)),
    ...line("Cost", monthly(site, plan)),
    ...(site.databaseServers > 0 ? [...line("Before", before(site, plan)), ...line("Saving", saving(plan))] : []),
  ];
}

/** The texts below each other, the first one behind the name. */
function line(name: string, ...texts: (string | false)[]): string[] {
  return texts.filter((text) => text !== false).map((text, i) => (i === 0 ? name : "").padEnd(width) + text);
}

function measuredOn({ machine }: Measured): string {
  return `${machine.redis} on ${machine.processor}, ${machine.date}; figures and their spread: docs/plan.md`;
}

const nearCacheOff = "--near-cache is ignored: what it costs with more than one primary was not measured";

function operations(site: Site, plan: Plan): string {
  const hits = 100 - (site.nearCache > 0 && !plan.ignoresNearCache ? site.nearCache : 0);
  return (
    `${amount(site.pageViews)} page views/s × ${amount(hits)} % that read in Redis = ${amount(plan.reads)} reads/s; ` +
    `× ${amount(site.writes)} % that write = ${amount(plan.writes)} writes/s; ` +
    `together ${amount(plan.reads + plan.writes)} operations/s`
  );
}

function processor(site: Site, { cost, reads, writes, redisCores, needed }: Plan): string {
  const work =
    `${amount(reads)} reads/s × ${amount(cost.read.redisMicroseconds)} µs + ` +
    `${amount(writes)} writes/s × ${amount(cost.write.redisMicroseconds)} µs = ${cores(redisCores)} of Redis`;
  return `${work}; at ${percent(site)} of a core for each primary: ${primaries(needed.processor)}`;
}

function memory(site: Site, { cost, memoryBytes, needed }: Plan, { emptyServerBytes }: Measured): string {
  const room = site.serverMemory * usable(site) - emptyServerBytes;
  return (
    `${amount(site.sessions)} sessions × ${amount(cost.memoryBytes)} bytes (${amount(site.sessionBytes)} of JSON, layout ` +
    `${site.layout}) = ${megabytes(memoryBytes)}; at ${percent(site)} of ${megabytes(site.serverMemory)}, ` +
    `less ${megabytes(emptyServerBytes)} of an empty Redis, for each primary: ${megabytes(room)}, ${primaries(needed.memory)}`
  );
}

function beyond({ sessionBytes }: Site, { sizes }: Measured): string {
  const [from, to] = [sizes[0]!.bytes, sizes.at(-1)!.bytes];
  return `${amount(sessionBytes)} bytes is outside of what was measured (${amount(from)} to ${amount(to)}): an estimate`;
}

function network(site: Site, { cost, reads, writes, networkIn, networkOut, needed }: Plan): string {
  const { read, write } = cost;
  const replicated = site.replicas > 0 ? ` + ${site.replicas} × ${amount(write.bytesReplicated)} to replicas` : "";
  return (
    `in: ${amount(reads)} × ${amount(read.bytesIn)} + ${amount(writes)} × ${amount(write.bytesIn)} bytes = ` +
    `${amount(networkIn)} Mbit/s; out: ${amount(reads)} × ${amount(read.bytesOut)} + ` +
    `${amount(writes)} × (${amount(write.bytesOut)}${replicated}) bytes = ${amount(networkOut)} Mbit/s; ` +
    `at ${percent(site)} of ${amount(site.network)} Mbit/s for each primary: ${primaries(needed.network)}`
  );
}

const limits = { processor: "the processor of Redis", memory: "memory", network: "the network" } as const;

function limit({ limit, primaries: number }: Plan): string {
  const fits = number === 1 ? "would be reached first; one primary is enough" : "decides how many primaries are needed";
  return `${limits[limit]} ${fits}`;
}

function servers({ replicas }: Site, plan: Plan): string {
  return (
    `${primaries(plan.primaries)} × (1 + ${count(replicas, "replica", "replicas")}) = ` +
    `${count(plan.servers, "Redis server", "Redis servers")}${plan.primaries > 1 ? ", as a Redis Cluster" : ""}`
  );
}

function app(site: Site, { cost, reads, writes, appCores }: Plan): string {
  const hits = site.pageViews - reads;
  const inMemory = hits > 0 ? ` + ${amount(hits)} from the near cache × ${amount(cost.hitAppMicroseconds)} µs` : "";
  return (
    `${amount(reads)} reads/s × ${amount(cost.read.appMicroseconds)} µs${inMemory} + ${amount(writes)} writes/s × ` +
    `${amount(cost.write.appMicroseconds)} µs = ${cores(appCores)} of the app's processes, for sessions alone`
  );
}

function monthly({ serverPrice, corePrice }: Site, plan: Plan): string {
  const ofApp = corePrice > 0 ? ` + ${cores(plan.appCores)} × ${money(corePrice)}` : "";
  const redis = `${count(plan.servers, "Redis server", "Redis servers")} × ${money(serverPrice)}`;
  return `${redis}${ofApp} = ${money(plan.monthly)} a month`;
}

function before({ databaseServers, databasePrice }: Site, plan: Plan): string {
  const servers = count(databaseServers, "database server", "database servers");
  return `${servers} × ${money(databasePrice)} = ${money(plan.before)} a month`;
}

function saving({ before, monthly, saving, savingPercent }: Plan): string {
  const share =
    savingPercent === undefined
      ? ""
      : `, ${signed(savingPercent.toLocaleString("en-US", { maximumFractionDigits: 1 }))} %`;
  return `${money(before)} − ${money(monthly)} = ${money(saving)} a month${share}`;
}

function primaries(number: number): string {
  return count(number, "primary", "primaries");
}

function percent(site: Site): string {
  return `${amount(100 * usable(site))} %`;
}

function cores(value: number): string {
  return `${amount(value)} ${value === 1 ? "core" : "cores"}`;
}

function megabytes(bytes: number): string {
  return `${amount(bytes / 1e6)} MB`;
}

/** Three digits at least, and no digit after the point that says nothing. */
function amount(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

function money(value: number): string {
  return signed(value.toLocaleString("en-US", { maximumFractionDigits: 2 }));
}

/** What costs more saves less than nothing: with the minus sign of the rest of the line. */
function signed(number: string): string {
  return number.replace("-", "−");
}
