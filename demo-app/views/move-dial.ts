/** The big dial: the percentage of sessions whose home is Redis, with the phases and the visitor's own mark. */
import { html, type Html } from "../html.js";

export interface DialFacts {
  readonly dial: number;
  /** While it turns: the other position. */
  readonly other: number | undefined;
  /** The visitor's own session's position on the dial. */
  readonly own: number;
  readonly label: string;
  readonly home: string;
  /** 1 to 4; 0 before it begins. */
  readonly phase: number;
}

const [x, y, radius] = [200, 196, 150];
/** Degrees from the top, clockwise. */
const [first, sweep] = [-125, 250];

export function moveDial({ dial, other, own, label, home, phase }: DialFacts): Html {
  const [from, to] = [Math.min(dial, other ?? dial), Math.max(dial, other ?? dial)];
  return html`<svg
    class="helm-dial"
    viewBox="-16 0 432 330"
    role="img"
    aria-label="The dial is at ${dial}: ${label}. Your session is at ${own}; its home is ${home}."
    data-dial
  >
    <path class="track" d="${arc}" pathLength="100" />
    <path
      class="turning"
      d="${arc}"
      pathLength="100"
      stroke-dasharray="${to - from} 200"
      stroke-dashoffset="${-from}"
      data-dial-turning
    />
    <path class="filled" d="${arc}" pathLength="100" stroke-dasharray="${dial} 200" data-dial-filled />
    ${Array.from({ length: 21 }, (_, index) => tick(index * 5))} ${[0, 10, 50, 100].map(mark)}
    ${stations.map(([left, top], index) => station(index + 1, left, top, index + 1 === phase))}
    <text class="label" x="${x + 18}" y="315">clean up</text>
    <g transform="rotate(${angle(own + 0.5)} ${x} ${y})">
      <path class="own" d="M${x} ${y - 122}l8 14h-16z" />
    </g>
    <text class="you" x="${at(own + 0.5, 86)[0]}" y="${at(own + 0.5, 86)[1] + 5}">you</text>
    <g class="pointer" transform="rotate(${angle(dial)} ${x} ${y})" data-dial-pointer>
      <path d="M${x} ${y - radius - 19}v38" />
    </g>
    <text class="figure" x="${x}" y="${y + 22}" data-word="dial">${dial}</text>
    <text class="label" x="${x}" y="${y + 58}" data-word="label">${label}</text>
  </svg>`;
}

function angle(value: number): number {
  return first + (value / 100) * sweep;
}

function at(value: number, distance: number): [number, number] {
  const radians = (angle(value) * Math.PI) / 180;
  return [round(x + distance * Math.sin(radians)), round(y - distance * Math.cos(radians))];
}

const [start, end] = [at(0, radius), at(100, radius)];
const arc = `M${start.join(" ")}A${radius} ${radius} 0 1 1 ${end.join(" ")}`;

function tick(value: number): Html {
  const [x1, y1] = at(value, radius - 21);
  const [x2, y2] = at(value, radius - (value % 10 === 0 ? 28 : 24));
  return html`<path class="tick" d="M${x1} ${y1}L${x2} ${y2}" />`;
}

function mark(value: number): Html {
  const [left, top] = at(value, radius + 31);
  return html`<text class="mark" x="${left}" y="${top + 6}">${value}</text>`;
}

/** The phases: three beside their figures, the fourth below, because the dial does not reach it. */
const stations = [
  [-5, 228],
  [172, 15],
  [385, 299],
  [x - 30, 309],
] as const;

function station(number: number, left: number, top: number, isCurrent: boolean): Html {
  return html`<g class="station${isCurrent && " current"}" data-station="${number}">
    <circle cx="${left}" cy="${top}" r="11" />
    <text x="${left}" y="${top + 5}">${number}</text>
  </g>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
