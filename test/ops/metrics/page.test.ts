/** The metrics keep the conventions of Prometheus, docs/monitoring.md lists exactly them, and its program answers a scrape. */
import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Registry } from "prom-client";
import { MemoryStore } from "holdfast";
import { metrics } from "holdfast/ops";
import { describe, expect, it, onTestFinished } from "vitest";
import { durationBuckets } from "../../../lib/ops/metrics/instruments.js";
import { freePort } from "../../support/servers/free-port.js";
import { useRedis } from "../../support/servers/use-redis.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
const redis = useRedis();

const register = new Registry();
const { stop } = await metrics({ store: new MemoryStore() }, { register, auth: { events: new EventEmitter() } });
stop();
interface Metric {
  name: string;
  help: string;
  type: string;
  labelNames: string[];
}
const all = register.getMetricsAsArray() as unknown as Metric[];

describe.each(all)("$name", ({ name, help, type, labelNames }) => {
  it("has a name and a help text by the conventions of Prometheus", () => {
    expect(name).toMatch(/^holdfast_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name).not.toMatch(/_(milliseconds|ms|minutes|percent|kilobytes|kb|mb|count|sum|bucket|info)(_total)?$/);
    if (type === "histogram") expect(name).toMatch(/_(seconds|bytes)$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
    for (const label of labelNames) expect(label).toMatch(/^(?!le$|quantile$|job$|instance$)[a-z]+(_[a-z]+)*$/);
  });

  it("is on the page, with its type and its labels", () => {
    const [, listedType, labels] = new RegExp(`^\\| \`${name}\` +\\| (\\w+) +\\| ([^|]+)\\|`, "m").exec(page)!;
    expect(listedType).toBe(type);
    expect(labels!.trim().split(", ")).toEqual(labelNames.map((label) => `\`${label}\``));
  });
});

it("the page lists no other metric", () => {
  const listed = [...page.matchAll(/^\| `(holdfast_\w+)`/gm)].map(([, name]) => name);
  expect(listed).toEqual(all.map(({ name }) => name));
});

it("durations are told apart from 0.1 ms to 10 s", () => {
  expect([durationBuckets[0], durationBuckets.at(-1)]).toEqual([0.0001, 10]);
  const steps = durationBuckets.slice(1).map((bound, index) => bound / durationBuckets[index]!);
  expect(Math.max(...steps)).toBeLessThanOrEqual(2.5);
});

it("the program on the page answers a scrape", async () => {
  const program = /^```js\n(.*?)^```/ms.exec(page)![1]!;
  const port = await freePort();
  mkdirSync(join(root, ".build"), { recursive: true });
  const file = join(root, ".build", "monitoring.mjs"); // inside the package, so that `holdfast` is this one, as built
  writeFileSync(file, program.replace("3000", String(port)));
  const server = spawn(process.execPath, [file], { stdio: "ignore", env: { ...process.env, REDIS_URL: redis.url } });
  onTestFinished(() => void server.kill());
  const get = (path: string, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
  await expect.poll(() => get("/").then(({ status }) => status, String), { timeout: 30_000 }).toBe(200);
  const cookie = (await get("/")).headers.getSetCookie()[0]!.split(";")[0]!;
  await (await get("/", { cookie })).text();
  const scrape = await get("/metrics");
  expect(scrape.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const text = await scrape.text();
  expect(text).toContain('holdfast_sessions_found_total{store="sessions",source="store"} 1\n');
  expect(text).toContain(
    'holdfast_session_operation_duration_seconds_bucket{le="10",store="sessions",operation="find"} 1',
  );
});
