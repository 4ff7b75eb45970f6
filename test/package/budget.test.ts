/** What the package may cost an app that uses only sessions: the size of its code, and the time until it is imported. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
  // 96,753 and 33,142 bytes when the budget was made; 112,861 and 38,688 with the option `compress`; 116,724 with the
  // import of many sessions in one command, for a backfill, and with what makes requests cheaper; 122,711 and 42,063 with the
  // option `encrypt`, a third of which is the words that say what is wrong with a key; 124,561 with what sockets need; 128,292 with the
  // option `hashIds`; 15 KB more with what five more client libraries need, which are recognized when a client comes; 147,080 with the near cache on all of them;
  // 151,507 and 51,426 since a change is never sent twice by any client, and sessions at rest stay whole while their options are switched;
  // 153,722 and 52,119 since a cluster's client is mended after lost connections, and a second session middleware is told of.
  expect(Buffer.byteLength(code)).toBeLessThan(154_000);
  expect(gzipSync(code).length).toBeLessThan(52_300);
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

it.each(["dist", "dist/cjs"])(
  "%s has one file for each module that sessions need, and all that is imported there",
  (folder) => {
    const build = `${root}${folder}/`;
    const isScript = (file: string) => file.endsWith(".js") && !(folder === "dist" && file.startsWith("cjs/"));
    const files = readdirSync(build, { recursive: true, encoding: "utf8" }).filter(isScript);
    for (const name of ["errors", "signals", "options", "session", "redis", "repository", "express-session", "http"]) {
      expect(files.filter((file) => file.startsWith(`${name}/`))).toEqual([`${name}/index.js`]);
    }
    const imported = /(?:\bfrom |\bimport |\b(?:import|require)\()"(\.[^"]+)"/g;
    const missing = files.flatMap((file) =>
      [...readFileSync(build + file, "utf8").matchAll(imported)]
        .map(([, to]) => join(build, dirname(file), to!))
        .filter((path) => !existsSync(path)),
    );
    expect(missing).toEqual([]);
  },
);

/** Milliseconds of processor time, which other work on the machine hardly changes, until a new process has run this. */
function costOf(work: string): number {
  const program = `${work}; const { user, system } = process.cpuUsage(); console.log((user + system) / 1000); process.exit();`;
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8" }),
  );
}

/** How much of the cost of `work` is left in `instead`, without what Node.js itself costs: the median of five by turns. */
function ratioOf(instead: string, work: string): number {
  const ratios = Array.from({ length: 5 }, () => {
    const nothing = costOf("");
    return (costOf(instead) - nothing) / (costOf(work) - nothing);
  });
  return ratios.toSorted((a, b) => a - b)[2]!;
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
  // 0.3; 0.5 with each file of lib/ on its own, and 1.2 to 1.4 when `redis` was loaded at once too.
  expect(ratioOf(imported, importedThree)).toBeLessThan(0.5);
}, 240_000);

it("with the connection, which loads redis, the start costs about what that of the three costs", () => {
  const started = `${imported} redisSession({ url: "${address}", secret: "${secret}" });`;
  const startedThree = `${importedThree}
    const client = createClient({ url: "${address}" });
    client.on("error", () => {});
    session({ store: new RedisStore({ client }), secret: "${secret}", resave: false, saveUninitialized: false });`;
  // 1.03 to 1.09; 1.27 with each file of lib/ on its own, and 1.45 to 1.49 when the address was parsed by way of a client too.
  expect(ratioOf(started, startedThree)).toBeLessThan(1.25);
}, 240_000);

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
