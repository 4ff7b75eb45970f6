/** What is used of `prom-client`, an optional peer dependency: its own types may not be installed. */
import { codes, HoldfastError, propertyOf, setupInvalid } from "../../errors/index.js";

/** A `Registry` of `prom-client`. */
export interface MetricsRegister {
  readonly contentType: string;
  /** The text of all its metrics, for a scrape. */
  metrics(): Promise<string>;
  getSingleMetric(name: string): unknown;
}

type Labels = Record<string, string>;

export interface Counter {
  inc(labels: Labels, value: number): void;
  labels(labels: Labels): { inc(value?: number): void };
}

export interface Histogram {
  labels(labels: Labels): { observe(value: number): void };
}

export interface Gauge {
  set(labels: Labels, value: number): void;
  reset(): void;
}

interface MetricSettings {
  name: string;
  help: string;
  labelNames: readonly string[];
  registers: MetricsRegister[];
}

export interface PromClient {
  readonly register: MetricsRegister;
  readonly Counter: new (settings: MetricSettings) => Counter;
  readonly Histogram: new (settings: MetricSettings & { buckets: readonly number[] }) => Histogram;
  readonly Gauge: new (settings: MetricSettings & { collect(this: Gauge): void }) => Gauge;
}

/**
 * @param given the module, if the app passes it
 * @throws HoldfastError PROM_CLIENT_MISSING with the command that installs it
 */
export async function promClientOf(given: object | undefined): Promise<PromClient> {
  const module = given ?? (await load("prom-client"));
  const library = [module, propertyOf(module, "default")].find(isPromClient);
  if (!library)
    throw setupInvalid('The option `promClient` must be the module: `import * as promClient from "prom-client"`.');
  return library;
}

/** No bundler resolves a parameter; the comments silence the two that would warn. */
async function load(name: string): Promise<unknown> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  } catch (cause) {
    throw new HoldfastError(
      codes.PROM_CLIENT_MISSING,
      `Metrics need ${name}, which cannot be loaded. Install it with npm i ${name}; ` +
        "if the app is bundled together with it, pass the module as the option `promClient`.",
      { cause },
    );
  }
}

function isPromClient(module: unknown): module is PromClient {
  return ["Counter", "Histogram", "Gauge"].every((name) => typeof propertyOf(module, name) === "function");
}
