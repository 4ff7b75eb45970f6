/** The program for ws in docs/sockets.md: a session that a page began is read, changed and ended around an open socket. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { Person, startProgram, type Program } from "./programs.js";

const redis = useRedis();
let site: Program;
beforeAll(async () => {
  site = await startProgram("nicknames.mjs", redis.url);
});
afterAll(() => site.stop());

async function open(person: Person, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(site.url.replace("http", "ws"), { headers: { cookie: person.cookie, ...headers } });
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

async function say(socket: WebSocket, text: string): Promise<string> {
  const reply = once(socket, "message");
  socket.send(text);
  return String((await reply)[0]);
}

describe("a nickname", () => {
  it("that is changed on a socket is what the next page shows, and what other sockets have changed is kept", async () => {
    const person = new Person();
    expect((await person.ask(site.url)).body).toContain("You are somebody.");
    const sockets = [await open(person), await open(person)];
    expect(await say(sockets[0]!, "Ada")).toBe("You are Ada.");
    expect((await person.ask(site.url)).body).toContain("You are Ada.");
    expect(await say(sockets[1]!, "Countess")).toBe("You are Countess.");
    expect(await say(sockets[0]!, "Augusta")).toBe("You are Augusta.");
    expect((await person.ask(site.url)).body).toContain("You are Augusta.");
  });

  it("of a visitor who has left is not written: the socket is closed with a reason", async () => {
    const person = new Person();
    await person.ask(site.url);
    const socket = await open(person);
    expect((await person.post(`${site.url}/leave`)).status).toBe(204);
    const closed = once(socket, "close");
    socket.send("ghost");
    expect((await closed).map(String)).toEqual(["4401", "the session has ended"]);
    expect(await (await redis.client()).keys("sess:*")).not.toContain(expect.stringContaining("ghost"));
    expect((await person.ask(site.url)).body).toContain("You are somebody.");
  });

  it("cannot be changed by a page of another site", async () => {
    const person = new Person();
    await person.ask(site.url);
    await expect(open(person, { origin: "http://evil.example" })).rejects.toThrow("403");
    await open(person, { origin: site.url });
  });
});
