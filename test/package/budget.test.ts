/** What the package may cost an app that uses only sessions: the size of its code, and the time until it is imported. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { beforeAll, expect, it } from "vitest";

const entry = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

beforeAll(() => {
  if (!existsSync(entry)) throw new Error("There is no dist/. Run `npm run build` first.");
});

it("holdfast without its dependencies, bundled and minified, is within its budget", async () => {
  const bundle = await rolldown({
    input: entry,
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const code = output[0].code;
  // 96,753 and 33,142 bytes when the budget was made; 112,861 and 38,688 with the option `compress`.
  expect(Buffer.byteLength(code)).toBeLessThan(115_000);
  expect(gzipSync(code).length).toBeLessThan(40_000);
});

it("the command loads no commands of Redis modules: starting it costs time and memory", () => {
  const command = fileURLToPath(new URL("../../dist/cli/sessions/command.js", import.meta.url));
  const program = `
    import { createRequire } from "node:module";
    await import(${JSON.stringify(command)});
    console.log(JSON.stringify(Object.keys(createRequire(${JSON.stringify(command)}).cache)));
  `;
  const stdout = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  const packages = (JSON.parse(stdout) as string[]).map(
    (file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1],
  );
  expect(packages).toContain("@redis/client");
  expect(packages.filter((name) => name === "redis" || /^@redis\/(?!client$)/.test(name ?? ""))).toEqual([]);
});

/** Milliseconds of processor time, which other work on the machine hardly changes, until a new process has run this. */
function costOf(work: string): number {
  const program = `${work}; const { user, system } = process.cpuUsage(); console.log((user + system) / 1000); process.exit();`;
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8" }),
  );
}

/** How much of the cost of `work` is left in `instead`, without what Node.js itself costs: the median of nine by turns. */
function ratioOf(instead: string, work: string): number {
  const ratios = Array.from({ length: 9 }, () => {
    const nothing = costOf("");
    return (costOf(instead) - nothing) / (costOf(work) - nothing);
  });
  return ratios.toSorted((a, b) => a - b)[4]!;
}

const imported = `
  const { redisSession } = await import(${JSON.stringify(entry)});`;
const importedThree = `
  const { default: session } = await import("express-session");
  const { RedisStore } = await import("connect-redis");
  const { createClient } = await import("redis");`;
const address = "redis://127.0.0.1:1"; // nobody is there, and nobody waits for an answer
const secret = "of a test, long enough to be one";

it("importing holdfast costs less than importing express-session, connect-redis and redis", () => {
  // 0.5; it was 1.2 to 1.4 when it loaded `redis` at once.
  expect(ratioOf(imported, importedThree)).toBeLessThan(0.75);
});

it("with the connection, which loads redis, the start costs little more than that of the three", () => {
  const started = `${imported} redisSession({ url: "${address}", secret: "${secret}" });`;
  const startedThree = `${importedThree}
    const client = createClient({ url: "${address}" });
    client.on("error", () => {});
    session({ store: new RedisStore({ client }), secret: "${secret}", resave: false, saveUninitialized: false });`;
  // 1.3; it was 1.45 when the address was parsed by way of a client.
  expect(ratioOf(started, startedThree)).toBeLessThan(1.5);
});

it.each(["dist/index.js", "dist/cjs/index.js"])("%s loads redis with the first connection of its own", (file) => {
  const program = `
    const { redisSession, MemoryStore } = require(${JSON.stringify(`${root}${file}`)});
    const loaded = () => Object.keys(require.cache).some((path) => path.includes("/node_modules/redis/"));
    redisSession({ secret: "${secret}", store: new MemoryStore() });
    const before = loaded();
    redisSession({ secret: "${secret}", url: "${address}" });
    console.log(JSON.stringify([before, loaded()]));
    process.exit();`;
  const flags = ["--no-warnings", "-e", program];
  expect(JSON.parse(execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" }))).toEqual([false, true]);
});
