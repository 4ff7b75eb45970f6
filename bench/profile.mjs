// node bench/profile.mjs <files.cpuprofile...>: where app processes spent their time, part by part side by side, and of each
// by package and by function. `npm run bench:store -- --cpu-prof=<folder>` writes such files with the number of requests:
// then times are microseconds of one request. Of any other profile they are shares of the time in which something was done.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { commandLine, existingFile, numberOption } from "../scripts/command-line.mjs";
import { markdown } from "./loadtest/report/tables.mjs";
import { partsOf, perRequest, timesOf } from "./store/profile-parts.mjs";
import { partsTable } from "./store/tables.mjs";

const command = commandLine("node bench/profile.mjs", "Where app processes spent their time, side by side.")
  .argument("<files...>", "each a .cpuprofile, as npm run bench:store -- --cpu-prof writes it", (file, files = []) => [
    ...files,
    existingFile(file),
  ])
  .addOption(numberOption("--lines <n>", "so many packages and functions of each", { usual: 30 }))
  .addOption(numberOption("--requests <n>", "of each profile that does not say so itself"))
  .parse();
const { lines, requests } = command.opts();
const profiles = command.processedArgs[0].map((file) => {
  const profile = JSON.parse(readFileSync(file, "utf8"));
  return { ...profile, name: basename(file, ".cpuprofile"), requests: profile.requests ?? requests };
});
const isPerRequest = profiles.every((profile) => profile.requests);
const unit = isPerRequest ? "microseconds of the main thread per request" : "% of the time";

const columns = profiles.map((profile) => ({ name: profile.name, parts: scaled(partsOf(profile), profile) }));
print(`by part, ${unit}`, markdown(partsTable(columns, 0)));
for (const profile of profiles) {
  print(`${profile.name}, by package`, list(profile, packageOf));
  print(
    `${profile.name}, by function`,
    list(profile, (frame) => `${packageOf(frame)} ${frame.functionName}:${frame.lineNumber + 1}`),
  );
}

function list(profile, nameOf) {
  const times = scaled(timesOf(profile, nameOf), profile);
  const most = Object.entries(times).toSorted((a, b) => b[1] - a[1]);
  return most
    .slice(0, lines)
    .map(([name, time]) => `${time.toFixed(1).padStart(6)}  ${name}`)
    .join("\n");
}

function scaled(times, profile) {
  return perRequest(times, isPerRequest ? profile : { requests: 1, cpu: 100 });
}

function packageOf({ url, functionName }) {
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (installed) return installed[1];
  const own = /\/(?:dist|bench)\/(.*)$/.exec(url);
  return own ? `holdfast/${own[1]}` : url || functionName;
}

function print(title, text) {
  process.stdout.write(`\n${title}\n\n${text}\n`);
}
