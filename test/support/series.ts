/** What a scrape shows, as a map from each series to its value. */
import type { MetricsRegister } from "holdfast/ops";

/** Without the buckets and sums of histograms: their counts tell whether something was observed. */
export async function seriesOf(register: MetricsRegister): Promise<Map<string, number>> {
  const lines = (await register.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const all = lines.map((line) => /^(.*) (\S+)$/.exec(line)!).map(([, name, value]) => [name!, Number(value)] as const);
  return new Map(all.filter(([name]) => !/^\w+_(bucket|sum)\b/.test(name)));
}

/** The series that `work` changes, and by how much. */
export async function changedBy(register: MetricsRegister, work: () => unknown): Promise<Record<string, number>> {
  const before = await seriesOf(register);
  await work();
  const after = await seriesOf(register);
  const changed = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, difference]) => difference !== 0));
}
