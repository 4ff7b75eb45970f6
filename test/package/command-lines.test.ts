/** The scripts behind `npm run`: each explains itself with --help, and a wrong call does nothing but say what is wrong. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const run = (line: string) => {
  const options = { cwd: root, encoding: "utf8", timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, line.split(" "), options);
  return { code: status, stdout, stderr };
};

const text = (path: string) => readFileSync(new URL(path, root), "utf8");
const files = ["scripts", "bench"].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
);
const all = files.filter((file) => file.endsWith(".mjs") && /^import .*command-line\.mjs"/m.test(text(file)));

test("they are all scripts that `npm run` names, but those that run before anything is installed", () => {
  const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> };
  const named = Object.values(scripts).flatMap((line) => line.match(/(?:scripts|bench)\/\S+\.mjs/g) ?? []);
  const others = new Set(named.filter((script) => !all.includes(script)));
  expect([...others]).toEqual(["scripts/start.mjs", "scripts/test.mjs"]);
});

test("none needs what is built before it could build it: a clone has nothing built", () => {
  const needsBuild = files.filter((file) => {
    if (!all.includes(file)) return false;
    return /^(?:import|export) [^;]*from "(?:holdfast(?:\/\w+)?|[./]+\/(?:dist|\.build)\/[^"]+)"/m.test(text(file));
  });
  expect(needsBuild).toEqual([]);
});

describe.each(all)("%s", (script) => {
  test("--help", () => {
    expect(run(`${script} --help`)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Usage: (npm run|node) [\s\S]*--help/),
      stderr: "",
    });
  });

  test("an option that does not exist", () => {
    const { code, stdout, stderr } = run(`${script} --foo`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*--foo.*\n\nUsage: /);
  });
});

const wrong: [line: string, said: string][] = [
  ["bench/loadtest/loadtest.mjs --only=nothing", "writes, visitors, logins, database, memory, growth"],
  ["bench/loadtest/loadtest.mjs --only=visitors,nothing", 'There is no "nothing"'],
  ["bench/loadtest/loadtest.mjs --only=", 'There is no ""'],
  ["bench/loadtest/loadtest.mjs --seconds=abc", "must be a whole number, 1 or more"],
  ["bench/loadtest/loadtest.mjs --seconds=-1", "must be a whole number, 1 or more"],
  ["bench/loadtest/loadtest.mjs --publish --quick", "cannot be used with option '--quick'"],
  ["bench/loadtest/loadtest.mjs --publish --out=elsewhere", "cannot be used with option '--out"],
  ["bench/loadtest/loadtest.mjs writes", "too many arguments"],
  ["bench/store.mjs --only=nothing", "connect-redis, floor, json, hash"],
  ["bench/store.mjs --other=nowhere.js", "no such file"],
  ["bench/store.mjs --rounds=1", "2 or more"],
  ["bench/store.mjs --parts=nothing", "variants, growth, overlap, nodes, profile"],
  ["bench/store.mjs --parts=nodes", "the part nodes needs --node"],
  ["bench/store.mjs --node=nowhere", "a major version, such as 26, or the path of a program"],
  ["bench/store.mjs --publish --quick", "cannot be used with option '--quick'"],
  ["bench/store.mjs --publish --only=json", "cannot be used with option '--only"],
  ["bench/store.mjs --publish --visitors=10", "cannot be used with option '--visitors"],
  ["bench/backfill/backfill.mjs --rows=1e6", "whole number"],
  ["bench/sessions/sessions.mjs --layouts=text", "json, hash"],
  ["bench/sessions/sessions.mjs --publish --sessions=1000", "cannot be used with option"],
  ["bench/sessions/sessions.mjs --sessions=10", "1000 or more"],
  ["bench/plan/measure.mjs --rounds=0", "2 or more"],
  ["bench/profile.mjs nowhere.cpuprofile", "no such file"],
  ["bench/profile.mjs", "missing required argument"],
  ["scripts/build.mjs shop", "lib, demo"],
  ["scripts/matrix.mjs --node=new", "a major version"],
  ["scripts/matrix.mjs --client=3", 'There is no "3"'],
  ["scripts/matrix.mjs --kind=nothing", "suite, runtimes, bundlers, managers, typescript, runners"],
  ["scripts/matrix.mjs --only=nothing --only=nowhere", 'no such cell with "nothing" or "nowhere"'],
];

test.each(wrong)("%s is a wrong call: %s", (line, said) => {
  const { code, stdout, stderr } = run(line);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(said);
  expect(stderr).toContain("\nUsage: ");
  expect(stderr).not.toMatch(/\n\s+at /);
});
