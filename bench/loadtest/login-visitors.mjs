// The visitors of the login storm, in a process of their own. Each registers, and then, until the time is over: logs in, looks
// at pages, fills a cart, logs out.
import { setTimeout as wait } from "node:timers/promises";
import { tell } from "../answers.mjs";
import { histogram, record, summary } from "./latencies.mjs";

const order = JSON.parse(process.argv[2]);

/** Milliseconds between two requests of one visitor, at random. */
const pause = { min: 500, max: 1500 };

tell(await load(order), () => process.exit());

async function load({ port, visitors, seconds, arrivalsPerSecond, name }) {
  const seen = { logins: 0, loginsMissed: 0, requests: 0, failures: {} };
  const [login, page] = [histogram(), histogram()];
  const end = Date.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: visitors }, async (_, index) => {
      await wait((index / arrivalsPerSecond) * 1000);
      if (Date.now() >= end) return;
      const address = `10.0.${index >> 8}.${index & 255}`;
      await visit(port, { seen, login, page, end, username: `${name}-${index}`, address });
    }),
  );
  return { ...seen, login: summary(login), page: summary(page) };
}

/** Every request that is answered otherwise than it should be is counted, and the visitor goes on. */
async function visit(port, { seen, login, page, end, username, address }) {
  let cookie = "";
  const credentials = { username, password: `${username} and their horse` };
  const get = (path) => ask(path, { method: "GET" });
  const post = (path, fields = {}, expected = 200) =>
    ask(path, { method: "POST", body: JSON.stringify(fields) }, expected);
  const ask = async (path, init, expected = 200) => {
    const headers = { "content-type": "application/json", "x-forwarded-for": address, cookie };
    const start = performance.now();
    seen.requests++;
    let status;
    let text = "";
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
      text = await response.text();
      status = response.status;
      for (const line of response.headers.getSetCookie()) cookie = line.split(";")[0];
    } catch (error) {
      status = error.cause?.code ?? String(error);
    }
    const took = performance.now() - start;
    if (status !== expected) seen.failures[status] = (seen.failures[status] ?? 0) + 1;
    return { took, text, isRight: status === expected };
  };
  const rest = () => wait(pause.min + Math.random() * (pause.max - pause.min));
  const look = async () => {
    const answer = await get(`/page/${Math.floor(Math.random() * 500)}`);
    record(page, answer.took);
    await rest();
    return answer;
  };

  await post("/register", credentials, 201);
  while (Date.now() < end) {
    const answer = await post("/login", credentials);
    await rest();
    // Who was told that they are logged in, and is not, has not logged in.
    const isIn = answer.isRight && (await look()).text.includes(`Hello ${username}`);
    seen[isIn ? "logins" : "loginsMissed"]++;
    if (isIn) record(login, answer.took);
    for (let views = 0; views < 6 && Date.now() < end; views++) await look();
    for (let items = 0; items < 3 && Date.now() < end && isIn; items++) {
      await post("/cart", { item: `rope-${items}` });
      await rest();
    }
    await post("/logout");
    await rest();
  }
}
