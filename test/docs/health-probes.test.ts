/** The probes in docs/production.md ask for what `health()` on the same page answers. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";

const page = readFileSync(new URL("../../docs/production.md", import.meta.url), "utf8");

it("the probes of Kubernetes ask the paths of the program above, and wait longer than its timeout", () => {
  const probes = parse(/```yaml\n([^]*?)```/.exec(page)![1]!);
  const [, timeout, app] = /health\(sessions, \{ timeout: (\d+) \}\);\n(app\..*)/.exec(page)!;
  for (const { httpGet, timeoutSeconds } of Object.values<any>(probes)) {
    expect(app).toContain(`get("${httpGet.path}"`);
    expect(timeoutSeconds * 1000).toBeGreaterThan(Number(timeout));
  }
  expect(Object.keys(probes)).toEqual(["livenessProbe", "readinessProbe"]);
});
