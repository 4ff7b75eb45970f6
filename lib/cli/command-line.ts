/** The next command to type, with the options of this one. Pure. */
import { redactText, redactUrl } from "./redact.js";
import { shellWord } from "../ops/shell-word.js";

/** Options that say where everything is, by commander's names. */
const places = [
  "redis",
  "sentinel",
  "cluster",
  "tls",
  "tlsCa",
  "tlsCert",
  "tlsKey",
  "tlsServername",
  "prefix",
  "key",
  "from",
  "table",
  "schema",
  "columns",
  "source",
  "serializer",
] as const;
/** Steps that check the times in the table: who has accepted them once accepts them in the next step. */
const checksTimes = /^(backfill|verify|rollback)\b/;
/** Steps that open the legacy store. */
const needSource = /^(start|backfill|verify|rollback)\b/;

export interface Given {
  /** Options from the command line, not from the environment. */
  readonly typed: Readonly<Record<string, string>>;
  /** The legacy store is known, from the command line or the environment. */
  readonly hasSource: boolean;
}

/** @param step such as `set 10` or `verify --repair` */
export function commandFor(step: string, { typed, hasSource }: Given): string {
  const options = places.flatMap((name) => {
    const value = typed[name];
    if (value === undefined) return [];
    const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === "" && name === "tls"
      ? [option]
      : [option, name === "redis" || name === "from" ? shellWord(redactUrl(value)) : redactText(shellWord(value))];
  });
  const missing = !hasSource && needSource.test(step) ? ["--from", "postgres://user:password@host/database"] : [];
  const accepted = typed["acceptTimes"] !== undefined && checksTimes.test(step) ? ["--accept-times"] : [];
  return ["npx holdfast migrate", step, ...accepted, ...options, ...missing].join(" ");
}

/** A step in a message: `holdfast migrate set 10`, or just `verify --repair`. */
const stepNames = "status|start|backfill|verify|finish|rollback|set \\d+";
const flags = "repair|from-start|leave-behind";
const named = new RegExp(`\`(?:holdfast migrate )?((?:${stepNames})(?: --(?:${flags}))*)\``, "g");

/** The message, with each step replaced by the full command to type. */
export function withCommands(message: string, given: Given): string {
  if (Object.keys(given.typed).length === 0) return message;
  return message.replaceAll(named, (_, step: string) => `\`${commandFor(step, given)}\``);
}
