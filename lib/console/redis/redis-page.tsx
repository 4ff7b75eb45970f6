/** The findings of the doctor, the bad ones first, each with its remedy. */
import type { VNode } from "preact";
import type { Finding, Level } from "../../ops/index.js";
import type { Visit } from "../http/visit.js";
import { count, seconds } from "../views/amounts.js";
import { Layout } from "../views/layout.js";
import type { Examination } from "./examiner.js";

const order: readonly Level[] = ["bad", "warning", "skipped", "ok"];
const levelWords = { bad: "bad", warning: "warning", skipped: "skipped", ok: "ok" } as const;

export function RedisPage(props: { visit: Visit; app: string; examination: Examination }): VNode {
  const { findings, at } = props.examination;
  const sorted = findings.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  return (
    <Layout visit={props.visit} app={props.app} title="Redis" page="redis">
      <div class="charts-head">
        <h1>Redis</h1>
        <a class="button" href="redis?again">
          Check again
        </a>
      </div>
      <p class="lead">
        {summaryOf(findings)} Checked {seconds((Date.now() - at) / 1000)} ago.
      </p>
      <ul class="findings">
        {sorted.map((finding) => (
          <One {...finding} />
        ))}
      </ul>
    </Layout>
  );
}

function One({ check, level, found, why, remedy, commands = [], nodes }: Finding): VNode {
  return (
    <li class={level}>
      <p class="level">{levelWords[level]}</p>
      <div>
        <h2>{check}</h2>
        <p>
          {found}
          {nodes && ` (${nodes.join(", ")})`}
        </p>
        {why !== undefined && <p class="hint">{why}</p>}
        {remedy !== undefined && <p>{remedy}</p>}
        {commands.length > 0 && (
          <pre tabIndex={0} aria-label={`Commands for ${check}`}>
            <code>{commands.join("\n")}</code>
          </pre>
        )}
      </div>
    </li>
  );
}

function summaryOf(findings: readonly Finding[]): string {
  const [bad = 0, warnings = 0] = (["bad", "warning"] as const).map(
    (level) => findings.filter((one) => one.level === level).length,
  );
  if (bad + warnings === 0) return `All ${findings.length} checks are fine.`;
  const parts = [bad > 0 && count(bad, "bad finding"), warnings > 0 && count(warnings, "warning")];
  return `${parts.filter(Boolean).join(", ")} in ${findings.length} checks.`;
}
