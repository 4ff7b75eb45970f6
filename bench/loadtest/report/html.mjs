// One HTML file with everything in it: tables, bars, and the course of each run drawn by uPlot.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { inWords } from "../../machine.mjs";
import { nameOf } from "./csv.mjs";
import { barsOf } from "./bars.mjs";
import { tablesOf } from "./tables.mjs";

const require = createRequire(import.meta.url);
const read = (file) => readFileSync(file, "utf8");

export function htmlReport(results) {
  const uplot = join(require.resolve("uplot"), "..", "uPlot.iife.min.js");
  const styles = read(require.resolve("uplot/dist/uPlot.min.css")) + read(join(import.meta.dirname, "report.css"));
  const data = JSON.stringify(coursesOf(results)).replaceAll("<", "\\u003c");
  const sections = Object.entries(results).map(([name, result]) => section(name, result));
  const isQuick = Object.values(results).some(({ quick }) => quick);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast: load test</title>
<style>${styles}</style>
</head>
<body>
<header><h1>Holdfast under load</h1>
${isQuick ? `<p class="warning">A quick run: it shows that everything works, not how fast it is.</p>` : ""}
<nav>${Object.entries(results)
    .map(([name, { title }]) => `<a href="#${name}">${escape(title)}</a>`)
    .join("")}</nav></header>
<main>
${sections.join("\n")}
</main>
<script type="application/json" id="courses">${data}</script>
<script>${read(uplot)}</script>
<script>${read(join(import.meta.dirname, "client.js"))}</script>
</body>
</html>
`;
}

function section(name, result) {
  const tables = tablesOf({ [name]: result });
  const charts = ["rate", "latency", "failed", "memory"].map(
    (kind) => `<div class="chart" data-chart="${name}:${kind}"></div>`,
  );
  return `<section id="${name}"><h2>${escape(result.title)}</h2>
<p class="machine">${escape(inWords(result.machine))}</p>
${barsOf(name, result).map(bars).join("\n")}
<div class="charts">${charts.join("")}</div>
${tables.map(table).join("\n")}
</section>`;
}

function bars({ title, unit, rows }) {
  const most = Math.max(...rows.map(({ value }) => value));
  const lines = rows.map(
    ({ name, value, text, ours }) =>
      `<tr class="${ours ? "ours" : ""}"><th scope="row">${escape(name)}</th><td><span class="bar" style="width:${((value / most) * 70).toFixed(1)}%"></span> ${escape(text)}</td></tr>`,
  );
  return `<table class="bars"><caption>${escape(title)}${unit ? `, ${escape(unit)}` : ""}</caption>${lines.join("")}</table>`;
}

function table({ title, head, rows }) {
  const cells = (row, tag) =>
    row.map((cell, index) => `<${index === 0 ? "th" : tag}>${escape(cell)}</${index === 0 ? "th" : tag}>`).join("");
  return `<div class="scroll"><table><caption>${escape(title)}</caption><thead><tr>${cells(head, "th")}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells(row, "td")}</tr>`)
    .join("")}</tbody></table></div>`;
}

/** What is drawn over time, by scenario: the seconds, and a line for each row. */
function coursesOf(results) {
  const charts = {};
  for (const [name, { rows }] of Object.entries(results)) {
    const timed = rows.map((row) => ({
      name: nameOf(row),
      timeline: row.timeline ?? row.meanwhile?.timeline,
      memory: row.memory,
    }));
    const lines = (figure) =>
      timed.filter(({ timeline }) => timeline).map(({ name, timeline }) => ({ name, values: timeline.map(figure) }));
    charts[`${name}:rate`] = { title: "Answered per second", lines: lines(({ answered }) => answered) };
    charts[`${name}:latency`] = { title: "p99 in milliseconds", isLogarithmic: true, lines: lines(({ p99 }) => p99) };
    const failed = lines((second) => second.failed).filter(({ values }) => values.some((value) => value > 0));
    charts[`${name}:failed`] = { title: "Failed per second", lines: failed };
    const memory = timed.filter((row) => Array.isArray(row.memory) && row.memory.length > 1);
    charts[`${name}:memory`] = {
      title: "Memory of Redis in MB",
      lines: memory.map((row) => ({ name: row.name, values: row.memory.map((bytes) => bytes / 2 ** 20) })),
    };
  }
  return charts;
}

function escape(text) {
  return String(text).replaceAll(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]);
}
