// A site on a free port with one visitor, who keeps cookies. Each neighbor is tried on Express 5 and 4.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createClient } from "redis";
import { redisSession } from "holdfast";

export const require = createRequire(import.meta.url);
export const client = await createClient({ url: process.env.REDIS_URL })
  .on("error", () => {})
  .connect();
export const secret = "the secret of a site with many neighbors";
export const sessions = (options) => redisSession({ client, secret, ...options });
const expresses = { 5: require("express"), 4: require("express4") };

const tried = {};
const sites = [];

/** Runs `attempt(express)` on these versions of Express, and notes what came of it. */
export async function neighbor(name, attempt, versions = [5, 4]) {
  for (const version of versions) {
    const bound = new Promise((_, reject) => setTimeout(reject, 20_000, new Error("it takes too long")).unref());
    const result = await Promise.race([attempt(expresses[version]), bound]).then(
      () => "works",
      (error) => error.stack,
    );
    tried[`${name}, Express ${version}`] = result;
    for (const server of sites.splice(0)) server.close().closeAllConnections?.();
  }
}

/** Tells what was tried, and ends: some neighbors keep timers and connections. */
export function tell() {
  process.stdout.write(`${JSON.stringify(tried)}\n`, () => process.exit());
}

/** An error handler as apps have it. */
export const answerErrors = (error, req, res, next) => {
  if (res.headersSent) return next(error);
  const status = error.status ?? (res.statusCode >= 400 ? res.statusCode : 500);
  res
    .status(status)
    .set(error.headers)
    .json({ error: error.code ?? error.message });
};

export async function open(handler) {
  const server = handler.listening === undefined ? createServer(handler) : handler;
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  sites.push(server);
  const url = `http://127.0.0.1:${server.address().port}`;
  const cookies = new Map();
  const cookie = () => [...cookies].map((pair) => pair.join("=")).join("; ");

  async function ask(path, options = {}) {
    const headers = { ...(cookies.size > 0 && { cookie: cookie() }), ...options.headers };
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(url + path, { redirect: "manual", ...options, headers, signal });
    const sent = response.headers.getSetCookie();
    for (const line of sent) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    return { status: response.status, headers: response.headers, sent, text: await response.text() };
  }
  const post = (path, body, headers) => ask(path, { method: "POST", body, headers });
  const postJson = (path, body) => post(path, JSON.stringify(body), { "content-type": "application/json" });
  return { url, cookies, cookie, ask, post, postJson };
}

/** What `work` gives while Redis refuses writes. */
export async function whileFull(work) {
  await client.configSet("maxmemory", "1");
  try {
    return await work();
  } finally {
    await client.configSet("maxmemory", "0");
  }
}

/** A change that is not saved is no success, whatever else is mounted. */
export async function refusesWhileFull(ask) {
  const { status, headers, text } = await whileFull(ask);
  assert.equal(status, 503, text);
  assert.equal(headers.get("retry-after"), "1");
  assert.match(text, /SESSION_STORE_UNAVAILABLE/);
}

export const count = ({ session }) => (session.views = (session.views ?? 0) + 1);
