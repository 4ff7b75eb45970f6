// 400 saves of one session at once in one process: what each costs, and how many of the changes are kept.
import { measureOverlappingSaves } from "../../overlapping-saves.mjs";
import { spread } from "../../statistics.mjs";
import { base, floor, withApps } from "../comparison.mjs";

const crowd = 400;
const usual = ["json", "hash", "json+near", "hash+near"];

const chosenOf = (settings) => settings.chosen(usual).filter(({ name }) => name !== base && name !== floor);

export function seconds(settings) {
  return 2 + chosenOf(settings).length * (1 + settings.rounds);
}

export async function run(settings) {
  const { rounds, say } = settings;
  return withApps(chosenOf(settings), settings, async ({ apps, servers }) => {
    const measured = Object.fromEntries(apps.map(({ key }) => [key, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const app of round % 2 ? apps.toReversed() : apps) {
        say(`round ${round} of ${rounds}: ${app.key}`);
        const one = await measureOverlappingSaves(app, crowd);
        if (round > 0) measured[app.key].push(one); // the first one warms up
      }
    }
    const rows = Object.fromEntries(Object.entries(measured).map(([key, all]) => [key, summaryOf(all)]));
    return { method: { rounds, crowd }, servers: Object.values(servers).map(({ name }) => name), rows };
  });
}

function summaryOf(measured) {
  const all = (figure) => measured.map((one) => one[figure]);
  return {
    commandsAtMost: Math.max(...all("commands")),
    kept: Math.min(...all("kept")),
    cpu: spread(all("cpu")),
    rate: spread(all("rate")),
  };
}
