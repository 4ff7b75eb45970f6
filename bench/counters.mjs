// What a server was asked and what it appended to its log, as the server counts it.
import { connect } from "node:net";
import pg from "pg";
import { createClient } from "redis";

/** Commands that belong to connections and to counting, not to sessions. */
const ours = /^(info|monitor|ping|hello|client|auth|select|config|script|command|quit)\b/;

export async function redisCounters({ url, port }) {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return {
    async read() {
      const calls = {};
      for (const [, name, count] of (await client.info("commandstats")).matchAll(/cmdstat_(\S+?):calls=(\d+)/g)) {
        if (!ours.test(name)) calls[name] = Number(count);
      }
      return { calls, bytes: await logBytes(client) };
    },
    watchScripts: () => watchScripts(port),
    close: () => client.destroy(),
  };
}

/** Once everything is written that is to be. */
async function logBytes(client) {
  const info = await client.info("persistence");
  const numberOf = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(info)[1]);
  if (numberOf("aof_buffer_length") === 0) return numberOf("aof_current_size");
  await new Promise((done) => setTimeout(done, 20));
  return logBytes(client);
}

/** How many commands a script runs inside, by which it shows up in the server's statistics. Uses MONITOR. */
function watchScripts(port) {
  const socket = connect(port, "127.0.0.1", () => socket.write("MONITOR\r\n"));
  let rest = "";
  let scripts = 0;
  let inner = 0;
  socket.on("data", (chunk) => {
    const lines = (rest + chunk.latin1Slice()).split("\r\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.includes(" lua] ", 15)) inner++;
      else if (/\] "(evalsha|eval)"/i.test(line.slice(0, 60))) scripts++;
    }
  });
  return () => {
    socket.destroy();
    return scripts === 0 ? 0 : inner / scripts;
  };
}

/** The commands between two readings; a script counts as one. */
export function commandsBetween(before, after, innerPerScript) {
  let commands = 0;
  for (const [name, count] of Object.entries(after.calls)) {
    const calls = count - (before.calls[name] ?? 0);
    commands += name.startsWith("eval") ? calls * (1 - innerPerScript) : calls;
  }
  return commands;
}

/** With a connection of its own for each reading, because PGlite has but one. */
export function postgresCounters({ url }) {
  return {
    async read() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query("SELECT pg_current_wal_lsn() - '0/0' AS bytes");
      await client.end();
      return { bytes: Number(rows[0].bytes) };
    },
    close() {},
  };
}
