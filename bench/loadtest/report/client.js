// Draws the charts. Runs in the report.
/* global uPlot, document, window */
const charts = JSON.parse(document.getElementById("charts").textContent);
const height = 250;
const drawn = new Map();

const inWords = {
  perSecond: (value) => whole(value),
  ms: (value) => (value >= 1000 ? `${short(value / 1000)} s` : `${short(value)} ms`),
  mb: (value) => `${short(value)} MB`,
  µs: (value) => `${whole(value)} µs`,
};

function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** Two digits at least, and none that says nothing. */
function short(value) {
  return Number(value >= 10 ? value.toFixed(0) : value.toPrecision(2)).toLocaleString("en-US");
}

function draw(place) {
  const { unit, x, y, lines } = charts[Number(place.dataset.chart)];
  const style = window.getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const say = (value) => (value === null || value === undefined ? "–" : inWords[unit](value));
  const line = { stroke: color("soft"), grid: { stroke: color("rule"), width: 1 }, ticks: { show: false } };
  const font = "12px system-ui, sans-serif";
  const positions = x.values ?? x.names.map((_, index) => index);
  const sayX = x.names ? (value) => x.names[value] ?? "" : (value) => (value === null ? "" : whole(value));
  const options = {
    width: place.clientWidth,
    height,
    padding: [12, 30, 0, 0],
    scales: { x: scaleOfX(x, positions), y: scaleOfY(y) },
    axes: [
      {
        ...line,
        font,
        label: x.title,
        labelFont: font,
        labelSize: x.title ? 20 : 0,
        size: 30,
        // Of a logarithmic axis, uPlot would label the powers of ten only.
        ...((x.names || positions.length < 7) && { splits: () => positions, filter: (_, splits) => splits }),
        values: (_, splits) => splits.map(sayX),
      },
      { ...line, font, size: 66, values: (_, splits) => splits.map((value) => (value === null ? null : say(value))) },
    ],
    series: [
      { label: x.title ?? "percentile", value: (_, value) => (value === null ? "–" : sayX(value)) },
      ...lines.map(({ name, family, dash }) => ({
        label: name,
        stroke: color(name === "wanted" ? "soft" : family),
        width: family === "ours" ? 2.5 : 2,
        dash: dash ?? [],
        points: { show: positions.length < 7, size: 6, fill: color("card") },
        value: (_, value) => say(value),
      })),
    ],
  };
  drawn.get(place)?.destroy();
  drawn.set(place, new uPlot(options, [positions, ...lines.map(({ values }) => values)], place));
}

function scaleOfX({ names, isLogarithmic }, positions) {
  if (isLogarithmic) return { time: false, distr: 3 };
  const margin = names || positions.length < 7 ? 0.25 : 0;
  return { time: false, range: () => [positions[0] - margin, positions.at(-1) + margin] };
}

function scaleOfY({ isLogarithmic }) {
  return isLogarithmic ? { distr: 3 } : { range: (_chart, _least, most) => [0, most * 1.1 || 1] };
}

function drawAll() {
  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
}

drawAll();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
window.addEventListener("resize", () => {
  for (const [place, chart] of drawn) chart.setSize({ width: place.clientWidth, height });
});
