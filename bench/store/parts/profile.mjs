// Where the time of a request goes, part by part: a CPU profile of each app process while it is measured.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, estimate, measureRounds, otherBuild, pages, reference, warmUp, withApps } from "../comparison.mjs";
import { partsPerRequest } from "../profile-parts.mjs";

export function seconds(settings) {
  return pages.length * estimate({ apps: profiled(settings).length, pagesOfEach: 1 }, settings);
}

/** What reading and writing cost must not mix, so each page has processes of its own. */
export async function run(settings) {
  const result = {};
  for (const page of pages) result[page] = await profileOf(page, profiled(settings), settings);
  return result;
}

function profiled(settings) {
  const chosen = settings.chosen(["json", otherBuild]);
  return chosen.filter(({ name }) => name !== base && name !== reference);
}

/**
 * The profile of each of `chosen`, all by turns.
 *
 * @param what `read`, `write` or `updates`
 * @returns `{ name, requests, parts }` of each, with the parts in microseconds
 */
export async function profileOf(what, chosen, settings) {
  const folder = settings.profiles ?? mkdtempSync(join(tmpdir(), "holdfast-profiles-"));
  mkdirSync(folder, { recursive: true });
  try {
    return await profileInto(folder, what, chosen, settings);
  } finally {
    if (!settings.profiles) rmSync(folder, { recursive: true });
  }
}

function profileInto(folder, what, chosen, settings) {
  return withApps(chosen, { ...settings, log: false }, async (field) => {
    await warmUp(field, settings, [what]);
    for (const app of field.apps) await app.ask("startProfile");
    const rounds = (await measureRounds(field, settings, [what]))[what];
    const columns = [];
    for (const app of field.apps) {
      const requests = rounds.reduce((sum, slices) => sum + slices[app.key].requests, 0);
      const file = join(folder, `${app.key.replaceAll(/\W+/g, "-")}-${what}.cpuprofile`);
      await app.ask("stopProfile", { file, requests });
      columns.push({ name: app.key, requests, parts: partsPerRequest(JSON.parse(readFileSync(file, "utf8"))) });
    }
    return columns;
  });
}
