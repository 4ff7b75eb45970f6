// Draws the courses. Runs in the report.
/* global uPlot, document, window */
const courses = JSON.parse(document.getElementById("courses").textContent);
const colors = ["#0f766e", "#2563eb", "#b45309", "#be123c", "#7c3aed", "#4d7c0f", "#334155"];
const style = window.getComputedStyle(document.documentElement);
const ink = style.getPropertyValue("--ink").trim();
const grid = { stroke: style.getPropertyValue("--rule").trim(), width: 1 };

for (const place of document.querySelectorAll("[data-chart]")) {
  const { title, lines, isLogarithmic } = courses[place.dataset.chart];
  if (lines.length === 0) {
    place.remove();
    continue;
  }
  const longest = Math.max(...lines.map(({ values }) => values.length));
  const seconds = Array.from({ length: longest }, (_, second) => second + 1);
  const axis = { stroke: ink, grid, ticks: grid };
  const options = {
    title,
    width: place.clientWidth,
    height: 260,
    scales: { x: { time: false }, y: isLogarithmic ? { distr: 3 } : { range: (_, __, most) => [0, most * 1.1 || 1] } },
    axes: [
      { ...axis, label: "seconds", labelSize: 22 },
      { ...axis, size: 64 },
    ],
    series: [
      { label: "second" },
      ...lines.map(({ name }, index) => ({ label: name, stroke: colors[index % colors.length], width: 2 })),
    ],
  };
  const filled = lines.map(({ values }) => seconds.map((_, index) => values[index] ?? null));
  const chart = new uPlot(options, [seconds, ...filled], place);
  window.addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 260 }));
}
