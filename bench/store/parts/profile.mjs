// Where the time of a request goes, part by part: a CPU profile of each app process while it is measured.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, estimate, measureRounds, otherBuild, pages, reference, warmUp, withApps } from "../comparison.mjs";
import { partsPerRequest } from "../profile-parts.mjs";

export function seconds(settings) {
  return pages.length * estimate({ apps: profiled(settings).length, pagesOfEach: 1 }, settings);
}

export async function run(settings) {
  const folder = settings.profiles ?? mkdtempSync(join(tmpdir(), "holdfast-profiles-"));
  mkdirSync(folder, { recursive: true });
  try {
    const result = {};
    for (const page of pages) result[page] = await profilePage(page, folder, settings);
    return result;
  } finally {
    if (!settings.profiles) rmSync(folder, { recursive: true });
  }
}

/** What reading and writing cost must not mix, so each page has processes of its own. */
function profilePage(page, folder, settings) {
  return withApps(profiled(settings), { ...settings, log: false }, async (field) => {
    await warmUp(field, settings, [page]);
    for (const app of field.apps) await app.ask("startProfile");
    const rounds = (await measureRounds(field, settings, [page]))[page];
    const columns = [];
    for (const app of field.apps) {
      const requests = rounds.reduce((sum, slices) => sum + slices[app.key].requests, 0);
      const file = join(folder, `${app.key.replaceAll(/\W+/g, "-")}-${page}.cpuprofile`);
      await app.ask("stopProfile", { file, requests });
      columns.push({ name: app.key, requests, parts: partsPerRequest(JSON.parse(readFileSync(file, "utf8"))) });
    }
    return columns;
  });
}

function profiled(settings) {
  const chosen = settings.chosen(["json", otherBuild]);
  return chosen.filter(({ name }) => name !== base && name !== reference);
}
