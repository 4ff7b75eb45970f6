// Shows the two old bugs on plain connect-redis, and on Holdfast. Uses REDIS_URL or the embedded Valkey.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { createClient } from "redis";
import { buildLibrary } from "./built.mjs";
import { commandLine } from "./command-line.mjs";

const { publish } = commandLine(
  "npm run proof --",
  "Shows the two old bugs on plain connect-redis, and on Holdfast. REDIS_URL may be set.",
)
  .option("--publish", "also keep the result, and renew the tables in the documents")
  .parse()
  .opts();
buildLibrary();
const { redisSession } = await import("holdfast");
const rounds = 200;
const url = process.env.REDIS_URL ?? (await startEmbeddedValkey());
const client = createClient({ url });
client.on("error", () => {});
await client.connect();

const secret = "only for this proof, thirty-two characters";
const plain = session({ store: new RedisStore({ client }), secret, resave: false, saveUninitialized: false });
const results = { "connect-redis": await tryOut(plain), Holdfast: await tryOut(redisSession({ client, secret })) };
const inWords = ({ updates, lost, logouts, revived }) => ({
  [`updates lost, of ${updates}`]: lost,
  [`logged in again after logout, of ${logouts}`]: revived,
});
console.table(Object.fromEntries(Object.entries(results).map(([name, counts]) => [name, inWords(counts)])));
if (publish) await keep(results);
process.exit();

async function keep(counts) {
  const { publishDocuments, resultsFiles } = await import("../bench/documents.mjs");
  writeFileSync(resultsFiles.proof, `${JSON.stringify({ measured: new Date().toISOString(), counts }, null, 2)}\n`);
  publishDocuments();
}

async function tryOut(middleware) {
  let meeting;
  const server = createServer((req, res) =>
    middleware(req, res, async () => {
      const { pathname, searchParams } = new URL(req.url, "http://site");
      if (pathname === "/login") req.session.user = "anna";
      if (pathname === "/logout") await new Promise((done) => req.session.destroy(done));
      if (pathname === "/change") {
        void req.session.user; // the session is loaded before the others change it
        await meeting.arrive();
        req.session[searchParams.get("key")] = true;
      }
      res.end(JSON.stringify(req.session ?? {}));
    }),
  );
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const get = (path, cookie) =>
    fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: cookie ? { cookie } : {} });
  const login = async () => (await get("/login")).headers.getSetCookie()[0].split(";")[0];

  let lost = 0;
  let revived = 0;
  for (let round = 0; round < rounds; round++) {
    const cookie = await login();
    meeting = gathering(10);
    await Promise.all(Array.from({ length: 10 }, (_, i) => get(`/change?key=k${i}`, cookie)));
    const kept = Object.keys(await (await get("/", cookie)).json()).filter((key) => /^k\d$/.test(key));
    lost += 10 - kept.length;

    const other = await login();
    meeting = gathering(2);
    const slow = get("/change?key=late", other);
    await get("/logout", other);
    await meeting.arrive();
    await slow;
    if ("user" in (await (await get("/", other)).json())) revived++;
  }
  server.close();
  server.closeAllConnections();
  return { updates: rounds * 10, lost, logouts: rounds, revived };
}

/** Everyone who arrives waits until `size` have. */
function gathering(size) {
  let open;
  const all = new Promise((resolve) => (open = resolve));
  return { arrive: () => (--size === 0 && open(), all) };
}

async function startEmbeddedValkey() {
  const { fork } = await import("node:child_process");
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = fork(new URL("../test/support/servers/valkey-process.mjs", import.meta.url), [String(port)], {
    silent: true,
  });
  await new Promise((resolve) => child.once("message", resolve));
  process.on("exit", () => child.kill());
  return `redis://127.0.0.1:${port}`;
}
