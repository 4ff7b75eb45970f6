/** The next command to type, with the options that this one was given. Pure. */
import { redactUrl } from "./redact.js";
import { quoted } from "./words.js";

/** Options that say where everything is; by the names that commander gives them. */
const places = ["redis", "prefix", "key", "from", "table", "schema", "columns"] as const;
/** Steps that open the legacy store. */
const needSource = /^(backfill|verify|rollback)\b/;

export interface Given {
  /** What stood on the command line, not in the environment. */
  readonly typed: Readonly<Record<string, string>>;
  /** The legacy store is known, from the command line or the environment. */
  readonly hasSource: boolean;
}

/** @param step as `set 10` or `verify --repair` */
export function commandFor(step: string, { typed, hasSource }: Given): string {
  const options = places.flatMap((name) => {
    const value = typed[name];
    if (value === undefined) return [];
    return [`--${name}`, quoted(name === "redis" || name === "from" ? redactUrl(value) : value)];
  });
  const missing = !hasSource && needSource.test(step) ? ["--from", "postgres://user:password@host/database"] : [];
  return ["npx holdfast migrate", step, ...options, ...missing].join(" ");
}
