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

/** What was not looked at does not count as fine. */
function summaryOf(findings: readonly Finding[]): string {
  const of = (level: Level) => findings.filter((one) => one.level === level).length;
  const [bad, warnings, skipped, fine] = [of("bad"), of("warning"), of("skipped"), of("ok")];
  const parts = [
    bad > 0 && count(bad, "bad finding"),
    warnings > 0 && count(warnings, "warning"),
    fine > 0 && `${count(fine, "check")} fine`,
    skipped > 0 && `${skipped} skipped`,
  ];
  return fine === findings.length ? `All ${fine} checks are fine.` : `${parts.filter(Boolean).join(", ")}.`;
}
