/** The form of what `npm run bench:plan` measured, and a session's cost between the sizes that were measured. Pure. */

/** Of one command: processor time of Redis and of the app, and what the connection carried. */
interface Cost {
  readonly redisMicroseconds: number;
  readonly appMicroseconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface WriteCost extends Cost {
  readonly bytesReplicated: number;
}

/** Medians; bench/results/plan.json has their spread. */
interface LayoutCost {
  readonly memoryBytes: number;
  readonly read: Cost;
  readonly write: WriteCost;
  readonly nearHit: { readonly appMicroseconds: number };
  readonly nearWrite: WriteCost;
}

export type LayoutName = "json" | "hash";

/** One size of sessions, in both layouts. */
type MeasuredSize = { readonly bytes: number } & Readonly<Record<LayoutName, LayoutCost>>;

export interface Measured {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly node: string;
    readonly redis: string;
    readonly date: string;
  };
  /** What an empty Redis uses. */
  readonly emptyServerBytes: number;
  /** By size, the smallest first. */
  readonly sizes: readonly MeasuredSize[];
}

/** Of a session of some size, on a straight line between the two measured sizes around it, or beyond the last two. */
export interface SessionCost {
  readonly memoryBytes: number;
  readonly read: Cost;
  readonly write: WriteCost;
  readonly hitAppMicroseconds: number;
  readonly isExtrapolated: boolean;
}

/** @param isNear writes cost more then: their script keeps tracking the key */
export function costOf(measured: Measured, bytes: number, layout: LayoutName, isNear: boolean): SessionCost {
  const { sizes } = measured;
  const points = (figure: (cost: LayoutCost) => number) =>
    sizes.map((size): Point => [size.bytes, figure(size[layout])]);
  const at = (figure: (cost: LayoutCost) => number) => Math.max(0, interpolate(points(figure), bytes));
  const command = (of: (cost: LayoutCost) => Cost): Cost => ({
    redisMicroseconds: at((cost) => of(cost).redisMicroseconds),
    appMicroseconds: at((cost) => of(cost).appMicroseconds),
    bytesIn: at((cost) => of(cost).bytesIn),
    bytesOut: at((cost) => of(cost).bytesOut),
  });
  const writeOf = (cost: LayoutCost) => (isNear ? cost.nearWrite : cost.write);
  return {
    memoryBytes: at((cost) => cost.memoryBytes),
    read: command(({ read }) => read),
    write: { ...command(writeOf), bytesReplicated: at((cost) => writeOf(cost).bytesReplicated) },
    hitAppMicroseconds: at(({ nearHit }) => nearHit.appMicroseconds),
    isExtrapolated: bytes < sizes[0]!.bytes || bytes > sizes.at(-1)!.bytes,
  };
}

type Point = readonly [x: number, y: number];

/** @param points two or more, by x */
export function interpolate(points: readonly Point[], x: number): number {
  const after = points.findIndex(([other], i) => i > 0 && other >= x);
  const upper = after === -1 ? points.length - 1 : after;
  const [from, to] = [points[upper - 1]!, points[upper]!];
  return from[1] + ((to[1] - from[1]) * (x - from[0])) / (to[0] - from[0]);
}
