// How the cost grows: with the size of a session, with the number of visitors, and with the distance to Redis.
import { summarizePages } from "../../statistics.mjs";
import { base, estimate, floor, measureRounds, pages, reference, warmUp, withApps } from "../comparison.mjs";

const situations = [
  { name: "0.5 KB", bytes: 512 },
  { name: "2.5 KB, 50 visitors" },
  { name: "16 KB", bytes: 16_384 },
  { name: "64 KB", bytes: 65_536 },
  { name: "10 visitors", visitors: 10 },
  { name: "1,000 visitors", visitors: 1000 },
  { name: "Redis 1 ms away", distance: 1 },
];

/** Of the usual slices. */
export const share = 0.75;

export function seconds(settings) {
  const apps = settings.chosen(["json", "hash"]).length;
  return each(settings).reduce((sum, one) => sum + estimate({ apps }, one), 0);
}

export async function run(settings) {
  const rows = [];
  for (const one of each(settings)) {
    const say = (text) => settings.say(`${one.situation.name}: ${text}`);
    rows.push(await measure({ ...one, say }));
  }
  return { rows };
}

/** Each app warms up less than elsewhere, because there are so many. */
function each(settings) {
  return situations.map((situation) => ({
    ...settings,
    warmUpRequests: settings.warmUpRequests / 2,
    situation: { ...settings.situation, ...situation },
  }));
}

function measure(settings) {
  return withApps(settings.chosen(["json", "hash"]), { ...settings, log: false }, async (field) => {
    await warmUp(field, settings);
    const rounds = await measureRounds(field, settings);
    const names = field.apps.map(({ key }) => key);
    const row = { name: settings.situation.name };
    for (const page of pages) row[page] = summarizePages(rounds[page], names, { base, reference, floor });
    return row;
  });
}
