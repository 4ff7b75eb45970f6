// `npm run api`: renews etc/*.api.md, the kept report of every signature that an app can see; the change is reviewed in git.
// `npm run api -- --check` (part of `npm test`): fails if the built package and the report differ. Both read dist/.
import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { commandLine } from "./command-line.mjs";

const root = join(import.meta.dirname, "..");
const { check } = commandLine(
  "npm run api --",
  "Renews etc/*.api.md, the report of every signature that an app can see.",
)
  .option("--check", "write nothing, and fail if the built package and the report differ")
  .parse()
  .opts();
// Not before it is known that it is needed: it takes a second to load.
const { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } = await import("@microsoft/api-extractor");
const entries = {
  holdfast: "index",
  "holdfast-auth": "auth/index",
  "holdfast-migrate": "migrate/index",
  "holdfast-ops": "ops/index",
  "holdfast-console": "console/index",
  "holdfast-testing": "testing/index",
};
const temporary = join(root, ".build", "api");
mkdirSync(temporary, { recursive: true });

const configs = Object.entries(entries).map(([name, entry]) =>
  ExtractorConfig.prepare({
    configObjectFullPath: join(root, "scripts", "api.mjs"),
    packageJsonFullPath: join(root, "package.json"),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, "dist", `${entry}.d.ts`),
      compiler: {
        overrideTsconfig: {
          compilerOptions: { target: "es2022", module: "nodenext", skipLibCheck: true },
          include: ["dist"], // not tests, whose globals would appear in the report
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: join(root, "etc"),
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      // A type that is used in a signature and cannot be imported is named in the report.
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  }),
);
// The compiler reads dist/ once for all of them.
const compilerState = CompilerState.create(configs[0], {
  additionalEntryPoints: configs.map((config) => config.mainEntryPointFilePath),
});
const changed = [];
for (const config of configs) {
  const result = Extractor.invoke(config, {
    compilerState,
    localBuild: !check,
    messageCallback: (message) => {
      if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
    },
  });
  if (result.errorCount > 0) process.exit(1);
  if (result.apiReportChanged) changed.push(relative(root, config.reportFilePath));
}

if (changed.length > 0) console.log(`${check ? "Differs from the package" : "Renewed"}: ${changed.join(", ")}`);
if (check && changed.length > 0) {
  console.error("The public API has changed. If it was meant to, run `npm run api` and commit what it writes.");
  process.exit(1);
}
