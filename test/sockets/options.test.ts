/** The chat of docs/sockets.md with the options that change what is stored, and how it is read; and while Redis is frozen. */
import { randomBytes } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { connect, loggedIn, registered, replaced, until } from "./chat.js";
import { startProgram, type Program } from "./programs.js";

const redis = useRedis();
const env = { SESSION_ENCRYPTION_KEY: randomBytes(32).toString("base64") };

async function start(options: string): Promise<Program> {
  const change = (program: string) =>
    replaced(program, "process.env.SESSION_SECRET }", `process.env.SESSION_SECRET, ${options} }`);
  const site = await startProgram("chat.mjs", redis.url, { change, env });
  onTestFinished(() => site.stop());
  return site;
}

describe.each(["hashIds: true", 'layout: "hash"', "nearCache: {}", "encrypt: true", "compress: true"])(
  "with %s",
  (options) => {
    it("people who are logged in talk, and what ends elsewhere closes their sockets, in each process", async () => {
      await (await redis.client()).flushDb();
      const [one, other] = await Promise.all([start(options), start(options)]);
      const [ada, bob] = [await registered("ada", one), await registered("bob", other)];
      const clients = [connect(ada, one, "polling"), connect(ada, other, "websocket")];
      const neighbor = connect(bob, other, "websocket");
      for (const client of [...clients, neighbor]) await until(client, "connected");
      clients[1]!.socket.emit("say", "hello");
      await until(neighbor, "connected", "ada: hello");
      const phone = await loggedIn("ada", other);
      await phone.post(`${other.url}/account/end-others`);
      for (const client of clients) await expect.poll(() => client.seen.at(-1), { timeout: 5000 }).toBe("closed");
      await until(connect(ada, one, "websocket"), "login-required");
      await until(connect(phone, one, "websocket"), "connected");
      neighbor.socket.emit("say", "still here");
      await expect.poll(() => neighbor.seen.at(-1), { timeout: 5000 }).toBe("bob: still here");
    });
  },
);

it("while Redis is frozen, what is said is not sent, and sockets stay open; afterwards all is as before", async () => {
  await (await redis.client()).flushDb();
  const site = await start("commandTimeout: 300");
  const ada = await registered("ada", site);
  const client = connect(ada, site, "websocket");
  await until(client, "connected");
  redis.process.kill("SIGSTOP");
  client.socket.emit("say", "hello");
  await until(client, "connected", "Not sent. Try again in a moment.");
  redis.process.kill("SIGCONT");
  await expect
    .poll(
      () => {
        client.socket.emit("say", "hello again");
        return client.seen.at(-1);
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe("ada: hello again");
  expect(client.seen).not.toContain("closed");
});
