/** Starts the shop: checks everything first, then runs the workers, and stops them all together. */
import { once } from "node:events";
import { createServer } from "node:net";
import { connectToRedis } from "holdfast";
import { startEmbeddedPostgres, startEmbeddedValkey, type EmbeddedServer } from "./embedded.js";
import { greeting, placesOf } from "./greeting.js";
import { readSettings, StartError, type Settings } from "./settings.js";
import { Workers } from "./workers.js";

/** Made up, so that there is something to move. */
const strangers = 3000;

let valkey: EmbeddedServer | undefined;
let postgres: EmbeddedServer | undefined;
let workers: Workers | undefined;
let stopping = false;

// Asked for before anything is started, so that a Ctrl-C in the middle of it leaves nothing behind.
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));

try {
  await start();
} catch (error) {
  console.error(isPlain(error) ? error.message : error);
  await stop(1);
}

async function start(): Promise<void> {
  loadEnvFile();
  const settings = readSettings(process.env, process.argv.slice(2));
  await checkPort(settings);
  await Promise.all([settings.redisIsGiven || bringValkey(), settings.legacy && bringDatabase(settings)]);
  const redis = connectToRedis(valkey && { url: valkey.url });
  const address = redis.address;
  await redis.ready().finally(() => redis.close());
  if (stopping) return;

  const facts = { settings, address, valkeyUrl: valkey?.url, postgresUrl: postgres?.url };
  workers = new Workers({
    count: settings.workers,
    env: {
      SESSION_SECRET: settings.secret,
      LEGACY_DATABASE_URL: settings.legacy ? (postgres?.url ?? settings.databaseUrl!) : "",
      MOVE_PLACES: placesOf(facts),
      ...(valkey && { REDIS_URL: valkey.url }),
    },
    onHopeless() {
      console.error("The workers end as soon as they are started; what they printed above says why.");
      void stop(1);
    },
  });
  await workers.start();
  if (!stopping) console.log(greeting(facts));
}

async function bringValkey(): Promise<void> {
  valkey = await startEmbeddedValkey();
  valkey.onCrash(() => {
    console.error("The embedded Valkey ended unexpectedly, and the sessions with it. Start the shop again.");
    void stop(1);
  });
}

/** The one that was named, or one that is brought along. */
async function bringDatabase({ databaseUrl }: Settings): Promise<void> {
  const { prepareDatabase } = await import("./move/database.js");
  if (databaseUrl !== undefined) return prepareDatabase(databaseUrl);
  console.log("Starting an embedded PostgreSQL, which takes a few seconds ...");
  postgres = await startEmbeddedPostgres();
  postgres.onCrash(() => {
    console.error("The embedded PostgreSQL ended unexpectedly, and the sessions with it. Start the shop again.");
    void stop(1);
  });
  await prepareDatabase(postgres.url, strangers);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await workers?.stop();
  await Promise.all([valkey?.stop(), postgres?.stop()]);
  process.exit(code);
}

/** `.env` in the current folder. What is set already stays as it is. */
function loadEnvFile(): void {
  try {
    process.loadEnvFile(".env");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw new StartError("The file .env cannot be read.");
  }
}

/** The workers would find out too, but each for itself. */
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
  const another = `Choose another one, as PORT=${port === 3001 ? 3002 : 3001} npm start.`;
  if (code === "EADDRINUSE")
    return `Port ${port} is taken by another program. Stop that one, or choose another port, as PORT=${port === 3001 ? 3002 : 3001} npm start.`;
  if (code === "EACCES") return `Port ${port} may not be opened by this user. ${another}`;
  return `The shop cannot listen on ${host}, port ${port} (${code}). Set HOST to an address of this machine, as HOST=127.0.0.1.`;
}

/** Errors that are written for whoever starts the shop: a code of the package's, or our own class. */
function isPlain(error: unknown): error is Error {
  if (error instanceof StartError) return true;
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith("HOLDFAST_");
}
