/** Starts the shop: checks everything first, then runs the workers, and finally stops them all. */
import { once } from "node:events";
import { createServer } from "node:net";
import { connectToRedis } from "holdfast";
import { embeddedPostgres, embeddedValkey, type EmbeddedServer, type EmbeddedValkey } from "./processes/embedded.js";
import { frozenFor, type RedisOrder } from "./processes/orders.js";
import { greeting } from "./greeting.js";
import { SimulationProcess } from "./simulation/switch-in-primary.js";
import { readSettings, StartError, type Settings } from "./settings.js";
import { Workers } from "./processes/workers.js";

/** The number of made-up sessions, so that there is something to migrate. */
const strangers = 3000;

let valkey: EmbeddedValkey | undefined;
let postgres: EmbeddedServer | undefined;
let workers: Workers | undefined;
let simulation: SimulationProcess | undefined;
let stopping = false;

// Registered before anything is started, so that a Ctrl-C during startup leaves nothing behind.
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));

try {
  await start();
} catch (error) {
  // What is stopped while it starts fails.
  if (!stopping) console.error(isPlain(error) ? error.message : error);
  await stop(1);
}

async function start(): Promise<void> {
  loadEnvFile();
  const settings = readSettings(process.env, process.argv.slice(2));
  await checkPort(settings);
  await Promise.all([settings.redisIsGiven || bringValkey(), settings.legacy && bringDatabase(settings)]);
  const address = await reachRedis();
  if (stopping) return;

  simulation = new SimulationProcess({ url: ownUrl(settings), env: valkey ? { REDIS_URL: valkey.url } : {} });
  const facts = { settings, address, valkeyUrl: valkey?.url, postgresUrl: postgres?.url };
  workers = new Workers({
    count: settings.workers,
    env: {
      SESSION_SECRET: settings.secret,
      LEGACY_DATABASE_URL: settings.legacy ? (postgres?.url ?? settings.databaseUrl!) : "",
      EMBEDDED_VALKEY: valkey ? "yes" : "",
      ...(valkey && { REDIS_URL: valkey.url }),
    },
    obey,
    onHopeless() {
      console.error("The workers exit as soon as they are started; their output above says why.");
      void stop(1);
    },
  });
  console.log(`Starting ${settings.workers === 1 ? "one worker" : `${settings.workers} workers`} ...`);
  await workers.start();
  if (!stopping) console.log(greeting(facts));
}

/** Resolves with its address once it answers. @throws HoldfastError */
async function reachRedis(): Promise<string> {
  const redis = connectToRedis(valkey && { url: valkey.url });
  await redis.ready().finally(() => redis.close());
  return redis.address;
}

async function bringValkey(): Promise<void> {
  valkey = await embeddedValkey();
  await valkey.start();
  valkey.onCrash(() => {
    console.error("The embedded Valkey stopped unexpectedly, and its sessions are lost. Start the shop again.");
    void stop(1);
  });
}

/** A visitor of this machine pressed a button. */
async function obey(order: RedisOrder): Promise<void> {
  if (order === "freeze-redis") return valkey?.freeze(frozenFor * 1000);
  await valkey?.restart();
  await reachRedis();
}

/** The configured database, or an embedded one. */
async function bringDatabase({ databaseUrl }: Settings): Promise<void> {
  const { prepareDatabase } = await import("./move/database.js");
  if (databaseUrl !== undefined) return prepareDatabase(databaseUrl);
  console.log("Starting an embedded PostgreSQL, which takes a few seconds ...");
  postgres = await embeddedPostgres();
  await postgres.start();
  postgres.onCrash(() => {
    console.error("The embedded PostgreSQL stopped unexpectedly, and its sessions are lost. Start the shop again.");
    void stop(1);
  });
  await prepareDatabase(postgres.url, strangers);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await simulation?.stop();
  await workers?.stop();
  await Promise.all([valkey?.stop(), postgres?.stop()]);
  process.exit(code);
}

/** Where this machine finds the shop. */
function ownUrl({ host, port }: Settings): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** Loads `.env` from the current folder. Variables that are already set take precedence. */
function loadEnvFile(): void {
  try {
    process.loadEnvFile(".env");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw new StartError("The file .env cannot be read.");
  }
}

/** The workers would notice too, but each separately. */
async function checkPort({ port, host }: Settings): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), "listening");
  } catch (error) {
    throw new StartError(portTrouble((error as NodeJS.ErrnoException).code, port, host));
  }
  server.close();
  await once(server, "close");
}

function portTrouble(code: string | undefined, port: number, host: string): string {
  const another = `Choose another one: PORT=${port === 3001 ? 3002 : 3001} npm start.`;
  if (code === "EADDRINUSE")
    return `Port ${port} is in use by another program. Stop that program, or choose another port: PORT=${port === 3001 ? 3002 : 3001} npm start.`;
  if (code === "EACCES") return `Port ${port} may not be opened by this user. ${another}`;
  return `The shop cannot listen on ${host}, port ${port} (${code}). Set HOST to an address of this machine, such as HOST=127.0.0.1.`;
}

/** Errors whose message is meant for the user: those with a code from the package, or our own class. */
function isPlain(error: unknown): error is Error {
  if (error instanceof StartError) return true;
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith("HOLDFAST_");
}
