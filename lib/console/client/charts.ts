/** The charts, drawn by uPlot: all processes together, or one of them. */
// cspell:ignore incrs
import uPlot from "uplot";
import { chartNames, charts, type Chart, type ChartLine, type ChartName } from "../now/charts.js";
import type { NowEvent } from "../now/event-stream.js";
import { seriesNames, type Point, type SeriesName } from "../now/point.js";
import { axisNumber } from "./axis-number.js";
import { axisTime } from "./axis-time.js";

/** Seconds that are shown, and that are shown at least. */
const span = 15 * 60;
const leastSpan = 60;
const height = 150;
/** Pixels, of the axis at the left. */
const numbersWidth = 56;
/** So that there are whole numbers of KB, MB and GB at the axis. */
const powersOfTwo = Array.from({ length: 50 }, (_, i) => 2 ** i);

export class Charts {
  readonly #choice: HTMLSelectElement;
  readonly #drawn: { name: ChartName; place: HTMLElement; plot: uPlot }[] = [];
  readonly #page: HTMLElement;
  #points: Point[] = [];
  /** Seconds since 1970: the right edge of all charts. */
  #until = Date.now() / 1000;

  constructor(page: HTMLElement) {
    this.#page = page;
    page.querySelector<HTMLElement>("[data-charts]")!.hidden = false;
    this.#choice = page.querySelector<HTMLSelectElement>("[data-choice]")!;
    this.#choice.addEventListener("change", () => this.#draw());
    this.#build();
    // Canvas does not follow the styles, so the charts are made anew where the colors change.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#build());
    new ResizeObserver(() => this.#fit()).observe(page);
  }

  add({ points, processes }: NowEvent): void {
    const latest = this.#points.at(-1)?.at ?? 0;
    this.#points.push(...points.filter(({ at }) => at > latest)); // the first event after a reconnection repeats some
    const oldest = (this.#points.at(-1)?.at ?? 0) - span;
    this.#points = this.#points.filter(({ at }) => at >= oldest);
    this.#offer(processes);
    this.#draw();
  }

  #build(): void {
    for (const { plot } of this.#drawn.splice(0)) plot.destroy();
    for (const name of chartNames) {
      const place = this.#page.querySelector<HTMLElement>(`[data-chart="${name}"]`)!;
      this.#drawn.push({
        name,
        place,
        plot: new uPlot(optionsOf(charts[name], place, this.#span, this.#markOutages), [[]], place),
      });
    }
    this.#draw();
  }

  readonly #span = (): uPlot.Range.MinMax => {
    const from = Math.min(this.#points[0]?.at ?? this.#until, this.#until - leastSpan);
    return [from, this.#until];
  };

  /** Behind the lines: when Redis did not answer, or a process was without it. */
  readonly #markOutages = (plot: uPlot): void => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = getComputedStyle(this.#page).getPropertyValue("--bad-tint");
    for (const [i, { at, isOutage }] of this.#points.entries()) {
      if (!isOutage) continue;
      const left = Math.max(bbox.left, plot.valToPos(this.#points[i - 1]?.at ?? at, "x", true));
      ctx.fillRect(left, bbox.top, Math.max(2, plot.valToPos(at, "x", true) - left), bbox.height);
    }
    ctx.restore();
  };

  #draw(): void {
    this.#until = this.#points.at(-1)?.at ?? this.#until;
    for (const { name, plot } of this.#drawn) {
      const { lines }: Chart = charts[name];
      const columns = lines.map(({ of }) => this.#points.map((point) => this.#valueAt(point, of)));
      plot.setData([this.#points.map(({ at }) => at), ...columns]);
    }
  }

  #valueAt(point: Point, of: ChartLine["of"]): number | null {
    if (of === "memory" || of === "limit") return point[of];
    const figures = this.#choice.value === "" ? point.all : point.each[this.#choice.value];
    return figures?.[seriesNames.indexOf(of satisfies SeriesName)] ?? null;
  }

  /** A process that has ended can be chosen no longer, unless it is. */
  #offer(processes: NowEvent["processes"]): void {
    const ids = processes.map(({ id }) => id);
    for (const option of Array.from(this.#choice.options)) {
      const isThere = option.value === "" || ids.includes(option.value);
      if (!isThere && !option.selected) option.remove();
    }
    const offered = new Set(Array.from(this.#choice.options, ({ value }) => value));
    for (const { id, cells } of processes) if (!offered.has(id)) this.#choice.add(new Option(cells[0], id));
  }

  #fit(): void {
    for (const { place, plot } of this.#drawn) plot.setSize({ width: place.clientWidth, height });
  }
}

function optionsOf(
  { unit, lines }: Chart,
  place: HTMLElement,
  xRange: () => uPlot.Range.MinMax,
  drawClear: (plot: uPlot) => void,
): uPlot.Options {
  const styles = getComputedStyle(place);
  const color = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  const least = unit === "bytes" ? 1024 * 1024 : 1; // also where nothing is known
  const axis = { stroke: color("soft"), grid: { stroke: color("rule"), width: 1 }, ticks: { show: false } };
  return {
    width: Math.max(120, place.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    hooks: { drawClear: [drawClear] },
    scales: {
      x: { time: true, range: xRange },
      y: { range: (_plot, _min, max) => [0, unit === "percent" ? 100 : Math.max((max ?? 0) * 1.15, least)] },
    },
    axes: [
      { ...axis, size: 24, space: 80, values: timesAt },
      {
        ...axis,
        size: numbersWidth,
        space: 34,
        values: (_plot, values) => values.map((value) => axisNumber(value, unit)),
        ...(unit === "bytes" && { incrs: powersOfTwo }),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, color: name }) => ({ label, stroke: color(name), width: 2, points: { show: false } })),
    ],
  };
}

/** Pixels of half a time, which would be cut off at the edge, or touch the numbers. */
const halfOfTime = 30;

function timesAt(plot: uPlot, times: number[], _axis: number, _space: number, step: number): (string | null)[] {
  const { min = 0, max = 0 } = plot.scales["x"]!;
  const pixels = (seconds: number) => (seconds / (max! - min!)) * (plot.width - numbersWidth);
  const fits = (time: number) => Math.min(pixels(time - min!), pixels(max! - time)) >= halfOfTime;
  return times.map((time) => (fits(time) ? axisTime(time, step) : null));
}
