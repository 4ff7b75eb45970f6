/** The program for express-ws in docs/sockets.md. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { Person, startProgram, type Program } from "./programs.js";

const redis = useRedis();
let site: Program;
beforeAll(async () => {
  site = await startProgram("clock.mjs", redis.url);
});
afterAll(() => site.stop());

function open(person: Person, headers: Record<string, string> = {}): WebSocket {
  const url = `${site.url.replace("http", "ws")}/clock`;
  const socket = new WebSocket(url, { headers: { cookie: person.cookie, ...headers } });
  onTestFinished(() => socket.terminate());
  return socket;
}

const closing = async (socket: WebSocket) => (await once(socket, "close")).map(String);

it("a message that is sent at once is answered, and a logout closes the socket", async () => {
  const person = new Person();
  expect((await person.postJson(`${site.url}/register`, { username: "ada", password: "correct horse" })).status).toBe(
    201,
  );
  for (let n = 0; n < 20; n++) {
    const socket = open(person);
    socket.once("open", () => socket.send("what time is it?"));
    expect(String((await once(socket, "message"))[0])).toMatch(/^It is .*, ada\.$/);
    socket.close();
  }
  const socket = open(person);
  await once(socket, "open");
  const closed = closing(socket);
  expect((await person.postJson(`${site.url}/logout`)).status).toBe(200);
  expect(await closed).toEqual(["4401", "ended"]);
});

it("whoever is not logged in is told so, and a page of another site gets nothing", async () => {
  expect(await closing(open(new Person()))).toEqual(["4401", "ended"]);
  const socket = open(new Person(), { origin: "http://evil.example" });
  socket.once("open", () => socket.send("what time is it?"));
  socket.once("message", () => expect.fail("it was answered"));
  expect((await closing(socket))[0]).not.toBe("4401");
});
