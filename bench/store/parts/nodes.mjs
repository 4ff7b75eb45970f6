// The same variants on this Node.js and on another one, all by turns in one run; ratios are taken within each Node.js.
import { execFileSync } from "node:child_process";
import { summarizePages } from "../../statistics.mjs";
import { base, estimate, floor, measureRounds, pages, reference, warmUp, withApps } from "../comparison.mjs";

const usual = ["json", "hash", "json+near", "hash+near"];

/** Of the usual slices. */
export const share = 0.75;

export function seconds(settings) {
  return estimate({ apps: 2 * settings.chosen(usual).length }, settings);
}

export async function run(settings) {
  const nodes = [process.execPath, settings.node].map((path) => ({ path, version: versionOf(path) }));
  // One after the other, so that the two of a variant are measured at the same time as nearly as can be.
  const chosen = settings
    .chosen(usual)
    .flatMap((one) =>
      nodes.map(({ path, version }) => ({ ...one, node: path, key: `${one.name}, Node.js ${version}` })),
    );
  return withApps(chosen, { ...settings, log: false }, async (field) => {
    await warmUp(field, settings);
    const rounds = await measureRounds(field, settings);
    const rows = nodes.map(({ version }) => ({ node: version, ...summaryOf(field, rounds, version) }));
    return { rows };
  });
}

function versionOf(path) {
  return execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1);
}

function summaryOf({ apps }, rounds, version) {
  const own = apps.filter(({ key }) => key.endsWith(`, Node.js ${version}`));
  const names = own.map(({ name }) => name);
  const summary = {};
  for (const page of pages) {
    const ofThis = rounds[page].map((slices) => Object.fromEntries(own.map(({ name, key }) => [name, slices[key]])));
    summary[page] = summarizePages(ofThis, names, { base, reference, floor });
  }
  return summary;
}
