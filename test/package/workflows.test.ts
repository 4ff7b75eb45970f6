/** The workflows of GitHub Actions: what they may do, whose code they run, and that what they call exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  if?: string;
  needs?: string;
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const manifest = JSON.parse(text("package.json")) as {
  homepage: string;
  repository: { url: string };
  scripts: Record<string, string>;
};
const workflow = (file: string) => parse(text(`.github/workflows/${file}`)) as Workflow;
const files = readdirSync(`${root}/.github/workflows`);
const writes = (job: Job) => Object.values(job.permissions ?? {}).includes("write");

it("the workflows are found", () => expect(files.toSorted()).toEqual(["ci.yml", "docs.yml", "release.yml"]));

describe.each(files)("%s", (file) => {
  const { on, permissions, jobs } = workflow(file);
  const steps = Object.values(jobs).flatMap(({ steps: some }) => some);

  it("may only read, unless a job says what it writes", () => {
    expect(permissions).toEqual({ contents: "read" });
  });

  it("never writes for a pull request, nor in somebody's fork", () => {
    const isGuarded = ({ if: condition, needs }: Job): boolean =>
      condition?.includes("github.repository == 'holdfast-sessions/holdfast'") === true ||
      (needs !== undefined && isGuarded(jobs[needs]!));
    const writing = Object.entries(jobs).filter(([, job]) => writes(job));
    expect(writing.filter(([, job]) => !isGuarded(job)).map(([name]) => name)).toEqual([]);
    if (writing.length > 0) expect(Object.keys(on)).not.toContain("pull_request");
    expect(Object.keys(on)).not.toContain("pull_request_target");
  });

  it("uses actions at a major version, of GitHub and of changesets only", () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.filter((action) => !/^(actions\/[\w-]+|changesets\/action)@v\d+$/.test(action))).toEqual([]);
  });

  it("ends, and runs nothing that somebody else wrote into an event", () => {
    const endless = Object.entries(jobs).filter(([, job]) => job["timeout-minutes"] === undefined);
    expect(endless.map(([name]) => name)).toEqual([]);
    expect(steps.filter(({ run = "" }) => /\$\{\{\s*github\.(event|head_ref)/.test(run))).toEqual([]);
  });

  it("calls scripts that exist", () => {
    const lines = steps.flatMap(({ run }) => run?.split("\n") ?? []);
    const scripts = lines.flatMap((line) => [...line.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!));
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
    for (const [path] of lines.flatMap((line) => [...line.matchAll(/(?<=^|\s)\.ci\/\w+/g)]))
      expect(existsSync(`${root}/${path}`)).toBe(true);
  });
});

describe("the documentation", () => {
  const { jobs } = workflow("docs.yml");
  const [build, deploy] = [jobs["build"]!, jobs["deploy"]!];
  const stepOf = (job: Job, action: string) => job.steps.find(({ uses }) => uses?.startsWith(`actions/${action}@`));

  it("is built for the path under which it is published", () => {
    const { pathname, hostname } = new URL(manifest.homepage);
    expect(build.steps.flatMap(({ run }) => run ?? [])).toContain(`npm run docs -- --base ${pathname}`);
    const [, owner, name] = /github\.com\/([\w-]+)\/([\w-]+)\.git$/.exec(manifest.repository.url)!;
    expect([hostname, pathname]).toEqual([`${owner}.github.io`, `/${name}/`]);
  });

  it("is uploaded from the folder into which `npm run docs` writes", () => {
    const [, folder] = /"--out <folder>", "[^"]+"\)\.default\("([^"]+)"\)/.exec(text("scripts/docs.mjs"))!;
    expect(stepOf(build, "upload-pages-artifact")?.with).toEqual({ path: folder });
  });

  it("is built with the whole history, from which the dates of the pages are", () => {
    expect(stepOf(build, "checkout")?.with).toMatchObject({ "fetch-depth": 0, "persist-credentials": false });
  });

  it("is deployed by a job that runs nothing else and may do nothing else", () => {
    expect(deploy.permissions).toEqual({ pages: "write", "id-token": "write" });
    expect(deploy.steps.map(({ uses }) => uses)).toEqual([expect.stringMatching(/^actions\/deploy-pages@v\d+$/)]);
    expect(writes(build)).toBe(false);
  });
});
