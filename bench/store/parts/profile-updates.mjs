// Where the time of an update without HTTP goes, beside connect-redis: a CPU profile of each process.
import { base, estimate, floor } from "../comparison.mjs";
import { profileOf } from "./profile.mjs";

export function seconds(settings) {
  const apps = compared(settings).length;
  return estimate({ apps, stores: apps, pagesOfEach: 0 }, settings);
}

export async function run(settings) {
  return { columns: await profileOf("updates", compared(settings), settings) };
}

/** What has a store; connect-redis comes first. */
function compared(settings) {
  return settings.chosen(["json", "hash"]).filter(({ name }) => name !== base && name !== floor);
}
