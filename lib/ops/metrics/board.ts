/** The metrics in one register, and what they count. */
import { setupInvalid } from "../../errors/index.js";
import { Counting } from "./counting.js";
import { durationBuckets, instruments } from "./instruments.js";
import type { Counter, Gauge, Histogram, MetricsRegister, PromClient } from "./prom-client.js";

/** A gauge whose values are read when it is scraped. */
interface SampledGauge {
  /** Returns what ends it. */
  sample(sampler: (gauge: Gauge) => void): () => void;
}

export type Instruments = ReturnType<typeof instruments<Counter, Histogram, SampledGauge>>;

const nameAlone = (name: string) => name;
const names = Object.values(instruments({ counter: nameAlone, histogram: nameAlone, gauge: nameAlone }));

export class Board {
  readonly metrics: Instruments;
  readonly stores = new Counting();
  readonly clients = new Counting();
  readonly logins = new Counting();
  readonly #name: string;
  readonly #first: unknown;

  private constructor({ Counter, Gauge, Histogram }: PromClient, register: MetricsRegister, prefix: string) {
    const settings = (name: string, labels: readonly string[], help: string) => {
      return { name: prefix + name, labelNames: labels, help, registers: [register] };
    };
    this.metrics = instruments<Counter, Histogram, SampledGauge>({
      counter: (...about) => new Counter(settings(...about)),
      histogram: (...about) => new Histogram({ ...settings(...about), buckets: durationBuckets }),
      gauge: (...about) => sampledGauge((collect) => new Gauge({ ...settings(...about), collect })),
    });
    this.#name = prefix + names[0]!;
    this.#first = register.getSingleMetric(this.#name);
  }

  /**
   * The metrics with this prefix in this register, which are made once.
   *
   * @throws HoldfastError OPTION_INVALID if the register has other metrics of these names
   */
  static of(library: PromClient, register: MetricsRegister, prefix: string): Board {
    let known = boards.get(register);
    if (!known) boards.set(register, (known = new Map()));
    const board = known.get(prefix);
    if (board?.isIn(register)) return board;
    const taken = names.find((name) => register.getSingleMetric(prefix + name));
    if (taken)
      throw setupInvalid(
        `The register already has a metric ${prefix}${taken}. Pass another \`register\`, or a \`prefix\`.`,
      );
    const made = new Board(library, register, prefix); // the first, or after `register.clear()`
    known.set(prefix, made);
    return made;
  }

  isIn(register: MetricsRegister): boolean {
    return register.getSingleMetric(this.#name) === this.#first;
  }
}

const boards = new WeakMap<MetricsRegister, Map<string, Board>>();

function sampledGauge(make: (collect: (this: Gauge) => void) => Gauge): SampledGauge {
  const samplers = new Set<(gauge: Gauge) => void>();
  make(function () {
    this.reset(); // what is no longer counted has no value
    for (const sample of samplers) sample(this);
  });
  return {
    sample(sampler) {
      samplers.add(sampler);
      return () => void samplers.delete(sampler);
    },
  };
}
