/** What the shop prints once it is open: where everything is, and what to type. */
import type { Settings } from "./settings.js";

export interface GreetingFacts {
  readonly settings: Settings;
  /** Of Redis, without a password. */
  readonly address: string;
  /** Of the servers that the shop brought along. */
  readonly valkeyUrl: string | undefined;
  readonly postgresUrl: string | undefined;
}

export function greeting(facts: GreetingFacts): string {
  const { settings } = facts;
  const { host, port, workers, secretIsRandom, legacy } = settings;
  const shown = host.includes(":") ? `[${host}]` : host;
  const secret = "The cookies are signed with a secret made for this run; SESSION_SECRET sets a lasting one.";
  return [
    "",
    `  The shop  http://${shown}:${port}`,
    ...(legacy ? whereTheyMove(facts, `http://${shown}:${port}`) : [`  Sessions  ${whereTheyAre(facts)}`]),
    `  Workers   ${workers} processes share the port`,
    ...(secretIsRandom ? [`  Secret    ${secret}`] : []),
    "  To stop   Ctrl-C",
    "",
  ].join("\n");
}

function whereTheyAre({ valkeyUrl, address }: GreetingFacts): string {
  if (valkeyUrl === undefined) return `in Redis at ${address}`;
  return `in an embedded Valkey at ${address}, in memory: they are gone when you stop it.\n            To keep them, name a Redis: REDIS_URL=redis://127.0.0.1:6379 npm start`;
}

function whereTheyMove(facts: GreetingFacts, url: string): string[] {
  const { valkeyUrl, postgresUrl, address } = facts;
  const from =
    postgresUrl === undefined ? "the PostgreSQL that DATABASE_URL names" : `an embedded PostgreSQL at ${postgresUrl}`;
  const to = valkeyUrl === undefined ? `Redis at ${address}` : `an embedded Valkey at ${address}`;
  return [
    `  Sessions  move from ${from}`,
    `            to ${to}`,
    `  The move  ${url}/operator, or in a terminal:`,
    `            npx holdfast migrate status ${placesOf(facts)}`,
  ];
}

/** Options for the command. */
export function placesOf({ settings, address, valkeyUrl, postgresUrl }: GreetingFacts): string {
  if (!settings.legacy) return "";
  const redis = valkeyUrl ?? (hasPassword(process.env["REDIS_URL"]) ? '"$REDIS_URL"' : address);
  const database = hasPassword(settings.databaseUrl) ? '"$DATABASE_URL"' : settings.databaseUrl;
  return `--redis ${redis} --from ${postgresUrl ?? database}`;
}

/** It is not printed then: its variable stands for it. */
function hasPassword(url: string | undefined): boolean {
  return url !== undefined && (!URL.canParse(url) || new URL(url).password !== "");
}
