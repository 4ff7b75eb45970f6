/** The chat of docs/sockets.md on two processes: with long polling and with WebSockets, with clients of socket.io. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { connect as connectBy, loggedIn, registered, until } from "./chat.js";
import { Person, startProgram, type Program } from "./programs.js";

const redis = useRedis();
let sites: Program[];

beforeAll(async () => {
  sites = await Promise.all([startProgram("chat.mjs", redis.url), startProgram("chat.mjs", redis.url)]);
});
afterAll(() => Promise.all(sites.map((site) => site.stop())));
beforeEach(async () => {
  await (await redis.client()).flushDb();
});

describe.each(["polling", "websocket"])("%s", (transport) => {
  const connect = (person: Person, site: Program, headers: Record<string, string> = {}) =>
    connectBy(person, site, transport, { headers });

  it("whoever is not logged in is refused", async () => {
    await until(connect(new Person(), sites[0]!), "login-required");
  });

  it("people who are logged in talk; a logout in the other process closes their sockets, and nobody else's", async () => {
    const [one, other] = sites as [Program, Program];
    const laptop = await registered("ada", one);
    const neighbor = await registered("bob", one);
    const clients = [connect(laptop, one), connect(laptop, other), connect(neighbor, one)];
    for (const client of clients) await until(client, "connected");
    clients[0]!.socket.emit("say", "hello");
    for (const client of [clients[0]!, clients[2]!]) await until(client, "connected", "ada: hello");
    expect((await laptop.post(`${other.url}/logout`)).status).toBe(303);
    await until(clients[0]!, "connected", "ada: hello", "closed");
    await until(clients[1]!, "connected", "closed");
    clients[2]!.socket.emit("say", "still here");
    await until(clients[2]!, "connected", "ada: hello", "bob: still here");
    await until(connect(laptop, one), "login-required");
  });

  it("ending the other logins closes the sockets of both, and the one that continues connects again", async () => {
    const [one, other] = sites as [Program, Program];
    const laptop = await registered("ada", one);
    const phone = await loggedIn("ada", other);
    const clients = [connect(laptop, one), connect(phone, other)];
    for (const client of clients) await until(client, "connected");
    await phone.post(`${one.url}/account/end-others`);
    for (const client of clients) await until(client, "connected", "closed");
    await until(connect(laptop, one), "login-required");
    await until(connect(phone, other), "connected");
  });

  it("a page of another site opens no socket with the visitor's cookie", async () => {
    const laptop = await registered("ada", sites[0]!);
    if (transport === "polling") return; // another site cannot read the reply to a poll
    const client = connect(laptop, sites[0]!, { origin: "http://evil.example" });
    await expect.poll(() => client.seen).toEqual(["websocket error"]);
    await until(connect(laptop, sites[0]!, { origin: sites[0]!.url }), "connected");
  });
});
