// All variants side by side, at the usual size: what a request costs, and what it sends to the servers.
import { measureTrips } from "../../measure.mjs";
import { summarizePages, summarizeUpdates } from "../../statistics.mjs";
import { base, estimate, floor, measureRounds, pages, reference, warmUp, withApps } from "../comparison.mjs";

const what = [...pages, "updates"];

export function seconds(settings) {
  const chosen = settings.chosen();
  const trips = chosen.filter(({ server }) => server).length * 4;
  return trips + estimate({ apps: chosen.length, stores: chosen.length - 3 }, settings);
}

export async function run(settings) {
  const chosen = settings.chosen();
  return withApps(chosen, settings, async (field) => {
    const trips = await measureAllTrips(field, settings);
    await warmUp(field, settings, what);
    const rounds = await measureRounds(field, settings, what);
    const names = field.apps.map(({ key }) => key);
    const result = {};
    for (const page of pages) {
      result[page] = summarizePages(rounds[page], names, { base, reference, floor });
      const { bytes } = field.apps.find(({ key }) => key === reference).sent[page];
      for (const { key, sent } of field.apps) {
        const bytesRatio = sent[page] && sent[page].bytes / bytes;
        Object.assign(result[page][key], sent[page], { bytesRatio }, trips[key]?.[page]);
      }
    }
    const withStore = field.apps.filter(({ hasStore }) => hasStore).map(({ key }) => key);
    result.updates = summarizeUpdates(rounds.updates, withStore, { reference });
    return { servers: Object.values(field.servers).map(({ name }) => name), notBuilt: field.notBuilt, ...result };
  });
}

async function measureAllTrips({ apps, servers }, { say }) {
  const trips = {};
  for (const { name, key, at, server } of apps) {
    if (!server) continue;
    say(`round trips: ${key}`);
    // With --distance, `at` leads to another proxy.
    const where = { ...at, redisUrl: servers.redis.url, prefix: `trips-${at.prefix}` };
    const paths = pages.map((page) => `/${page}`);
    const measured = await measureTrips({ name, at: where, server: servers[server], paths });
    trips[key] = Object.fromEntries(pages.map((page, index) => [page, measured[index]]));
  }
  return trips;
}
