// `npm run bench:login`: how many log in when a site is busy. Visitors arrive two a second; each registers, logs in, looks
// at pages, fills a cart and logs out, and logs in again until the time is over. App, Redis and load: a process each.
import { fork } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { stopAll, stopAtEnd } from "../processes.mjs";
import { startRedis } from "../servers.mjs";

const isQuick = process.argv.includes("--quick");
const phases = isQuick ? [{ visitors: 10, seconds: 8 }] : [{ visitors: 50 }, { visitors: 100 }];
const arrivalsPerSecond = 2;

process.exitCode = (await measure()) ? 0 : 1;

/** Whether all targets were reached. */
async function measure() {
  process.env.NODE_ENV = "production"; // of the app, too
  const redis = await startRedis();
  stopAtEnd(redis.stop);
  const client = await createClient({ url: redis.url }).connect();
  stopAtEnd(() => client.destroy());
  process.stdout.write(
    `${cpus().length} cores (${cpus()[0].model}), Node ${process.version}, ${redis.name}; the load shares them.\n\n`,
  );
  let isReached = true;
  try {
    const app = start("login-app.mjs", { url: redis.url });
    const { port } = await app.first;
    for (const { visitors, seconds = 60 } of phases) {
      const watch = watchMemory(client);
      const order = { port, visitors, seconds, arrivalsPerSecond, name: `v${visitors}` };
      const seen = await start("login-visitors.mjs", order).first;
      isReached = report({ visitors, seconds, seen, memory: await watch.stop() }) && isReached;
    }
  } finally {
    await stopAll();
  }
  return isReached;
}

function start(file, order) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(order)]);
  stopAtEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await new Promise((done) => child.once("exit", done));
  });
  const first = new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", () => reject(new Error(`${file} ended.`)));
  });
  return { first };
}

/** The most that Redis used, looked at four times a second. */
function watchMemory(client) {
  let most = 0;
  const look = async () => {
    const [, bytes] = /used_memory:(\d+)/.exec(await client.info("memory"));
    most = Math.max(most, Number(bytes));
  };
  const timer = setInterval(() => look().catch(() => {}), 250);
  return {
    async stop() {
      clearInterval(timer);
      await look();
      return most / 2 ** 20;
    },
  };
}

function report({ visitors, seconds, seen, memory }) {
  const logins = seen.logins.length + seen.loginsMissed;
  const serverErrors = sum(Object.entries(seen.failures).filter(([status]) => !/^[1-4]\d\d$/.test(status)));
  const success = (100 * seen.logins.length) / logins;
  const login = percentiles(seen.logins);
  const mega = (bytes) => `${bytes.toFixed(1)} MB`;
  const targets = [
    ["logins that succeed", `${success.toFixed(2)} %`, "100 %", success === 100],
    ["login, p95", `${login.p95.toFixed(0)} ms`, "< 1000 ms", login.p95 < 1000],
    ["5xx, or no answer", String(serverErrors), "0", serverErrors === 0],
    ["Redis memory, most", mega(memory), "< 256 MB", memory < 256],
  ];
  const lines = [
    `## ${visitors} visitors, ${arrivalsPerSecond} a second, ${seconds} s`,
    "",
    `arrivals ${seen.arrivals}, logins ${logins}, page views ${seen.pages.length}`,
    `answers that were not as expected: ${JSON.stringify(seen.failures)}`,
    "",
    ...table([
      ["ms", "p50", "p95", "p99", "max"],
      ...["registrations", "logins", "pages"].map((name) => {
        const { p50, p95, p99, max } = percentiles(seen[name]);
        return [name, ...[p50, p95, p99, max].map((value) => value.toFixed(1))];
      }),
    ]),
    "",
    ...table([
      ["", "measured", "to reach", "reached"],
      ...targets.map(([what, measured, toReach, reached]) => [what, measured, toReach, reached ? "yes" : "NO"]),
    ]),
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return targets.every(([, , , reached]) => reached);
}

function percentiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function sum(entries) {
  return entries.reduce((total, [, count]) => total + count, 0);
}

function table(rows) {
  const [header, ...body] = rows;
  const widths = header.map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(header), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)];
}
