// npm run bench:store: what a session costs, with Holdfast and with others, side by side in one run. See docs/performance.md.
import { cpus } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Option } from "commander";
import { commandLine, existingFile, listOption, numberOption } from "../scripts/command-line.mjs";
import { postgresCounters, redisCounters } from "./counters.mjs";
import { createVisitors, measurePage, measureTrips, measureUpdates } from "./measure.mjs";
import { startApp, startLoad, stopAll, stopAtEnd } from "./processes.mjs";
import { printReport } from "./report.mjs";
import { startPostgres, startRedis } from "./servers.mjs";
import { summarizePages, summarizeUpdates } from "./statistics.mjs";
import { compare } from "./targets.mjs";
import { variants } from "./variants.mjs";

const visitors = 50;
const base = "no sessions";
const reference = "connect-redis";
const floor = "floor";
const otherBuild = "json, other build";
const pages = ["read", "write"];

const names = variants.map(({ name }) => name).filter((name) => name !== otherBuild);
const values = commandLine(
  "npm run bench:store --",
  "What a session costs, with Holdfast and with others: docs/performance.md.",
)
  .option("--quick", "fewer and shorter rounds")
  .option("--json", "print the results as JSON")
  .addOption(listOption("--only <variants>", `these variants, beside "${base}", "${reference}" and "${floor}"`, names))
  .addOption(
    new Option("--other <file>", `the dist/index.js of another build, as the variant "${otherBuild}"`).argParser(
      existingFile,
    ),
  )
  .addOption(numberOption("--rounds <n>", "rounds (default: 9, or 3 with --quick)", { from: 2 }))
  .addOption(
    numberOption(
      "--count <n>",
      `requests of each of the ${visitors} visitors in a round (default: 40, or 20 with --quick)`,
      { from: 2 },
    ),
  )
  .option("--cpu-prof <folder>", "each app process writes a CPU profile; see bench/profile.mjs")
  .parse()
  .opts();
const { rounds: roundCount = values.quick ? 3 : 9, count = values.quick ? 20 : 40 } = values;
const profile = values.cpuProf ? ["--cpu-prof", `--cpu-prof-dir=${values.cpuProf}`] : [];

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

try {
  await main();
} finally {
  say("");
  await stopAll(); // on Ctrl-C it is under way already
}

async function main() {
  const asked = [base, reference, floor, ...(values.only ?? names)];
  const chosen = variants.filter(({ name }) => (name === otherBuild ? values.other : asked.includes(name)));
  const servers = await startServers(chosen);
  const { apps, notBuilt } = await startApps(chosen, servers);
  const trips = await measureAllTrips(apps, servers);
  const load = startLoad();
  await warmUp(apps, load);
  const rounds = await measureRounds(apps, load);
  const measured = apps.map(({ name }) => name);
  const results = { updates: summarizeUpdates(rounds.updates, withStore(apps), { reference }) };
  for (const page of pages) {
    results[page] = summarizePages(rounds[page], measured, { base, reference, floor });
    for (const name of measured) Object.assign(results[page][name], trips[page][name]);
  }
  const used = Object.values(servers).map((server) => server.name);
  const machine = [`Node.js ${process.versions.node}`, ...used, `${cpus().length} × ${cpus()[0]?.model.trim()}`].join(
    ", ",
  );
  const comparison = compare(results);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results, notBuilt, comparison }, null, 2)}\n`);
  else printReport({ machine, results, notBuilt, comparison });
}

async function startServers(chosen) {
  const servers = {};
  for (const [name, start, count] of [
    ["redis", startRedis, redisCounters],
    ["postgres", startPostgres, postgresCounters],
  ]) {
    if (!chosen.some(({ server }) => server === name)) continue;
    say(`starting ${name}`);
    const server = await start();
    stopAtEnd(server.stop);
    const counters = await count(server);
    stopAtEnd(counters.close);
    servers[name] = { ...server, counters };
  }
  return servers;
}

async function startApps(chosen, { redis, postgres }) {
  const apps = [];
  const notBuilt = [];
  for (const [index, { name, server }] of chosen.entries()) {
    say(`starting ${name}`);
    const other = values.other && pathToFileURL(resolve(values.other)).href;
    const at = { other, redisUrl: redis?.url, postgresUrl: postgres?.url, postgresConnections: postgres?.connections };
    const app = await startApp(name, { ...at, prefix: `bench${index}:` }, profile);
    if (!app) notBuilt.push(name);
    // The pages have visitors of their own, because a write refreshes a session's lifetime, which reading has to do itself.
    else apps.push({ ...app, at, server, counters: { redis, postgres }[server]?.counters, innerPerScript: 0 });
  }
  return { apps, notBuilt };
}

async function measureAllTrips(apps, servers) {
  const trips = {};
  for (const page of pages) {
    trips[page] = {};
    for (const { name, at, server } of apps) {
      if (!server) continue;
      say(`round trips: ${name}, ${page}`);
      const prefix = `trips${apps.length}:`;
      trips[page][name] = await measureTrips({
        name,
        at: { ...at, prefix },
        server: servers[server],
        path: `/${page}`,
      });
    }
  }
  return trips;
}

/** So that V8 has compiled what it is going to compile. */
async function warmUp(apps, load) {
  for (const app of apps) {
    say(`warming up: ${app.name}`);
    app.visitors = { read: await createVisitors(app, visitors), write: await createVisitors(app, visitors) };
    for (const page of pages) {
      const stopWatching = app.counters?.watchScripts?.();
      const { port } = app;
      await load.ask("run", { port, path: `/${page}`, cookies: app.visitors[page], count: 20 });
      app.innerPerScript = stopWatching?.() || app.innerPerScript;
      await load.ask("run", { port, path: `/${page}`, cookies: app.visitors[page], count: values.quick ? 100 : 300 });
    }
    if (app.hasStore) await measureUpdates({ app, workers: visitors, count: 40 });
  }
}

/** Within a round all variants take their turn; every other round runs backwards. */
async function measureRounds(apps, load) {
  const rounds = { read: [], write: [], updates: [] };
  for (let round = 0; round < roundCount; round++) {
    const order = round % 2 ? apps.toReversed() : apps;
    for (const page of pages) {
      rounds[page].push({});
      for (const app of order) {
        say(`round ${round + 1} of ${roundCount}: ${page}, ${app.name}`);
        const path = `/${page}`;
        const { counters, innerPerScript } = app;
        const one = { app, load, counters, path, cookies: app.visitors[page], count, innerPerScript };
        rounds[page][round][app.name] = await measurePage(one);
      }
    }
    rounds.updates.push({});
    for (const app of order) {
      if (!app.hasStore) continue;
      rounds.updates[round][app.name] = await measureUpdates({ app, workers: visitors, count });
    }
  }
  return rounds;
}

function withStore(apps) {
  return apps.filter(({ hasStore }) => hasStore).map(({ name }) => name);
}
