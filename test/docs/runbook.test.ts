/** docs/runbook.md: every command in it runs, and every metric, check, code, alert and section that it names exists. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { RedisSessionStore } from "holdfast";
import { buildCommand, paste } from "../cli/command.js";
import { findProgram } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = text("docs/runbook.md");
const blocks = [...page.matchAll(/## (.+)\n[^#]*?```sh\n([\s\S]*?)```/g)];
const sections = blocks
  .map(([, title, lines]) => ({ title: title!, lines: lines!.trim().split("\n") }))
  .filter(({ title }) => title !== "Runbook");

const redis = useRedis();
beforeAll(async () => {
  await buildCommand();
  const store = new RedisSessionStore({ client: await redis.client() });
  await store.set("an id", { cookie: { originalMaxAge: null }, passport: { user: "42" } } as never);
}, 120_000);

const isRedisCli = findProgram("redis-cli") !== undefined;
/** What the doctor finds wrong with a server for tests is no failure of the command. */
const expected = (line: string) => (line.includes("doctor") ? [0, 1] : [0]);

describe.each(sections)("$title", ({ lines }) => {
  it.each(lines)("%s", async (line) => {
    if (line.startsWith("redis-cli") && !isRedisCli) return;
    const { code, stdout, stderr } = await paste(line, { REDIS_URL: redis.url });
    expect({ code: expected(line).includes(code!) ? 0 : code, stderr }).toEqual({
      code: 0,
      stderr: expect.any(String),
    });
    expect(stdout + stderr).not.toMatch(/unknown command|ERR |WRONGTYPE/i);
  });
});

it("has what an operator looks for, each with this package's command, the line for redis-cli, and what healthy looks like", () => {
  expect(sections.map(({ title }) => title)).toEqual([
    "Visitors are logged out at random",
    "Visitors get 503",
    "Pages are slow",
    "Memory grows",
    "After a failover",
    "A user must be logged out now",
    "Capacity",
  ]);
  for (const { title, lines } of sections) {
    expect(lines).toContainEqual(expect.stringMatching(/^npx holdfast /));
    expect(lines).toContainEqual(expect.stringMatching(/^redis-cli /));
    const [section = ""] = page.split(`\n## ${title}\n`)[1]!.split("\n## ");
    expect(section).toMatch(/^Healthy: /m);
  }
});

it("says for each alert when it fires and where to go, and for no other", () => {
  const { groups } = parse(text("monitoring/alerts.yml")) as { groups: { rules: { alert: string; for?: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  const [, table = ""] = page.split("\n## Alerts\n");
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm)];
  expect(rows.map(([, name]) => name).toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  for (const [, name, when, where] of rows) {
    const rule = rules.find(({ alert }) => alert === name)!;
    const [, amount, unit] = /^(\d+)(\w)$/.exec(rule.for ?? "") ?? [];
    const words = { s: `${amount} s`, m: amount === "1" ? "a minute" : `${amount} minutes` };
    if (amount !== undefined && /\bfor\b/.test(when!)) expect(when).toContain(words[unit as "s" | "m"]);
    expect(where).not.toBe("");
  }
});

it("names only metrics, checks, codes and options that exist", () => {
  const metrics = text("docs/monitoring.md");
  const named = [...page.matchAll(/`(holdfast_\w+)`/g)].map(([, name]) => name!);
  expect(named.filter((name) => !metrics.includes(`\`${name}\``))).toEqual([]);
  const codes = [...page.matchAll(/`((?:HOLDFAST|SESSION)_[A-Z_]+)`/g)].map(([, name]) => name!);
  expect(codes.filter((code) => !text("docs/errors.md").includes(`### ${code}`))).toEqual([]);
  const checks = [...page.matchAll(/checks? `([\w-]+)`|doctor's `([\w-]+)`/g)].map(([, a, b]) => a ?? b!);
  expect(checks.length).toBeGreaterThan(2);
  expect(checks.filter((check) => !text("docs/doctor.md").includes(`### ${check}\n`))).toEqual([]);
});
