// `npm run mutate`: breaks each pure file in every way that Stryker knows, and counts which breaks a test notices.
// Only files with tests in test/unit-tests.ts are worth listing: each break runs those that reach it once more.

/** Room by room, the files without a connection. A file that moves is renamed here. */
const pure = {
  "lib/session": [
    "cookie/stored-cookie",
    "lifetime/lifetime",
    "merge/*",
    "takes-away",
    "text/{json,nesting,pristine,session-text}",
  ],
  "lib/options": ["option-kinds"],
  "lib/http": ["cookie/{cookie-options,secrets,verified-cookies}", "response-gate/{response-kind,states}"],
  "lib/auth": [
    "accounts/{names,user-id}",
    "http/{safe-path,same-origin}",
    "logins/kept-contents",
    "passwords/hash-forms",
    "request/network",
  ],
  "lib/migrate": ["sources/{expiry-form,times}", "state/{dial,machine}"],
  "lib/redis": ["connection/settings"],
};

export default {
  mutate: Object.entries(pure).flatMap(([room, files]) => files.map((file) => `${room}/${file}.ts`)),
  // What a message says is not what it is tested for.
  mutator: { excludedMutations: ["StringLiteral"] },
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutation/vitest.config.ts" },
  coverageAnalysis: "perTest",
  // A break in a constant would run every test again.
  ignoreStatic: true,
  // Its sandbox would have the tsconfig.json rewritten by TypeScript's API, which TypeScript 7 does not have.
  tsconfigFile: "none",
  concurrency: 2,
  timeoutMS: 10_000,
  incremental: true,
  incrementalFile: ".build/mutation/incremental.json",
  tempDirName: ".build/mutation/sandbox",
  ignorePatterns: ["dist", ".build", "docs", "demo-app", "examples", "bench"],
  reporters: ["progress", "clear-text", "json", "html"],
  clearTextReporter: { allowEmojis: false, reportTests: false, logTests: false },
  jsonReporter: { fileName: ".build/mutation/report.json" },
  htmlReporter: { fileName: ".build/mutation/report.html" },
};
