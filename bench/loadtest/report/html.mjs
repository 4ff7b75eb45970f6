// One HTML file with everything in it: what comes first, bars, lines drawn by uPlot, and all tables.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { captionOf } from "../../machine.mjs";
import { barsOf } from "./bars.mjs";
import { chartsOf } from "./charts.mjs";
import { glanceOf } from "./glance.mjs";
import { tablesOf } from "./tables.mjs";

const require = createRequire(import.meta.url);
const read = (file) => readFileSync(file, "utf8");

/** How to read a scenario, below its title. */
const explanations = {
  writes:
    "Page views arrive at their rate, also while answers are slow, so the time that a request waits for its turn counts. Each changes its session. Where more is asked for than can be served, the queue grows until the end, and the latency with it.",
  visitors: "Each visitor asks for the next page as soon as the last one is answered. Each page changes its session.",
  logins:
    "Visitors arrive one after the other; each registers, and then logs in, looks at pages, fills a cart and logs out until the time is over.",
  database: "Short slices by turns, in one run. An update is a look-up, a change and a save.",
  memory: "In Redis: what its memory grows by. In PostgreSQL: the table with its indexes on disk.",
  growth: "The app's processor time for one operation; a straight line means that nothing gets worse with size.",
};

export function htmlReport(measured) {
  // In the order in which they are explained, whichever was measured last.
  const results = Object.fromEntries(
    Object.keys(explanations).flatMap((name) => (measured[name] ? [[name, measured[name]]] : [])),
  );
  const uplot = join(require.resolve("uplot"), "..", "uPlot.iife.min.js");
  const styles = read(require.resolve("uplot/dist/uPlot.min.css")) + read(join(import.meta.dirname, "report.css"));
  const charts = [];
  const sections = Object.entries(results).map(([name, result]) => section(name, result, charts));
  const data = JSON.stringify(charts).replaceAll("<", "\\u003c");
  const isQuick = Object.values(results).some(({ quick }) => quick);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Holdfast: load test</title>
<link rel="icon" href="data:,">
<style>${styles}</style>
</head>
<body>
<header><h1>Holdfast under load</h1>
<p class="lead">Sessions in a database, in Redis with connect-redis, and in Redis with Holdfast: the same app, the same visitors, one machine.</p>
${isQuick ? `<p class="warning">A quick run: it shows that everything works, not how fast it is.</p>` : ""}
<nav aria-label="Scenarios">${Object.entries(results)
    .map(([name, { title }]) => `<a href="#${name}">${escape(title)}</a>`)
    .join("")}</nav></header>
<main>
<section class="glance" aria-label="Before and after"><div class="cards">${glanceOf(results).map(bars).join("")}</div></section>
${sections.join("\n")}
</main>
<script type="application/json" id="charts">${data}</script>
<script>${read(uplot)}</script>
<script>${read(join(import.meta.dirname, "client.js"))}</script>
</body>
</html>
`;
}

/** @param charts gets what this section draws */
function section(name, result, charts) {
  const figures = chartsOf(name, result).map((chart) => {
    charts.push(chart);
    return `<figure><figcaption>${escape(chart.title)}</figcaption><div class="chart" data-chart="${charts.length - 1}"></div></figure>`;
  });
  const hasCourse = result.rows.some((row) => row.timeline ?? row.meanwhile?.timeline);
  const hasFailed = result.rows.some((row) => row.failed > 0 || row.meanwhile?.failed > 0 || row.serverErrors > 0);
  return `<section id="${name}"><h2>${escape(result.title)}</h2>
<p>${escape(explanations[name] ?? "")}</p>
<p class="machine">${escape(captionOf(result))}</p>
<div class="cards">${barsOf(name, result).map(bars).join("\n")}</div>
${hasCourse && !hasFailed ? `<p class="none-failed">No request failed or was left without an answer.</p>` : ""}
<div class="charts">${figures.join("")}</div>
${tablesOf({ [name]: result })
  .map(table)
  .join("\n")}
</section>`;
}

function bars({ title, unit, rows, says }) {
  const most = Math.max(...rows.map(({ value }) => value)) || 1;
  const lines = rows.map(
    ({ name, value, text, family }) =>
      `<tr class="${family}"><th scope="row">${escape(name)}</th><td><span class="bar" style="width:${((value / most) * 100).toFixed(1)}%"></span></td><td>${escape(text)}</td></tr>`,
  );
  return `<div class="card"><table class="bars"><caption>${escape(title)} <small>${escape(unit)}</small></caption>${lines.join("")}</table>${
    says ? `<p>${escape(says)}</p>` : ""
  }</div>`;
}

function table({ title, head, rows }) {
  const cell = (text, tag) => `<${tag}>${escape(text)}</${tag}>`;
  const headed = head.map((text) => cell(text, text ? "th" : "td")).join("");
  const body = rows.map(
    ([first, ...rest]) => `<tr>${cell(first, "th")}${rest.map((text) => cell(text, "td")).join("")}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(title)}"><table><caption>${escape(title)}</caption><thead><tr>${headed}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function escape(text) {
  return String(text).replaceAll(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]);
}
