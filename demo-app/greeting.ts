/** What the shop prints once it is open: where everything is, and what to type. */
import type { Settings } from "./settings.js";

export interface GreetingFacts {
  readonly settings: Settings;
  /** The address of Redis, without a password. */
  readonly address: string;
  /** The embedded servers, if they run. */
  readonly valkeyUrl: string | undefined;
  readonly postgresUrl: string | undefined;
}

export function greeting(facts: GreetingFacts): string {
  const { settings } = facts;
  const { host, port, workers, secretIsRandom, legacy } = settings;
  const shown = host.includes(":") ? `[${host}]` : host;
  const secret = "Cookies are signed with a secret generated for this run; set SESSION_SECRET to use your own.";
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
  return `in an embedded Valkey at ${address}, in memory: they are lost when you stop the shop.\n            To keep them, use your own Redis: REDIS_URL=redis://127.0.0.1:6379 npm start`;
}

function whereTheyMove(facts: GreetingFacts, url: string): string[] {
  const { valkeyUrl, postgresUrl, address } = facts;
  const from =
    postgresUrl === undefined ? "the PostgreSQL that DATABASE_URL names" : `an embedded PostgreSQL at ${postgresUrl}`;
  const to = valkeyUrl === undefined ? `Redis at ${address}` : `an embedded Valkey at ${address}`;
  return [
    `  Sessions  migrate from ${from}`,
    `            to ${to}`,
    `  Migration ${url}/operator/move, or in a terminal:`,
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

/** If so, the URL is not printed; the name of its variable is shown instead. */
function hasPassword(url: string | undefined): boolean {
  return url !== undefined && (!URL.canParse(url) || new URL(url).password !== "");
}
