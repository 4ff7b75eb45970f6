/** Connection state recovery and namespaces of socket.io, as docs/sockets.md has them, in the chat of that page. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { connect, loggedIn, registered, replaced, until, withRecovery } from "./chat.js";
import { Person, startProgram, type Program } from "./programs.js";

const redis = useRedis();
const sites: Program[] = [];
afterAll(() => Promise.all(sites.map((site) => site.stop())));
beforeEach(async () => {
  await (await redis.client()).flushDb();
});

async function start(change: (program: string) => string): Promise<Program> {
  const site = await startProgram("chat.mjs", redis.url, { change });
  sites.push(site);
  return site;
}

describe.each(["polling", "websocket"])("a socket that comes back within two minutes, %s", (transport) => {
  let site: Program;
  beforeAll(async () => {
    site = await start(withRecovery);
  });

  /** Ada's client, which has lost its connection, and Bob, who went on talking. */
  async function cutOff() {
    const [ada, bob] = [await registered("ada", site), await registered("bob", site)];
    const [cut, other] = [connect(ada, site, transport), connect(bob, site, transport)];
    for (const client of [cut, other]) await until(client, "connected");
    other.socket.emit("say", "hello"); // only who has heard something can be told what was missed
    for (const client of [cut, other]) await until(client, "connected", "bob: hello");
    cut.socket.io.engine.close();
    await until(cut, "connected", "bob: hello", "closed");
    other.socket.emit("say", "are you there?");
    await until(other, "connected", "bob: hello", "bob: are you there?");
    return { ada, bob, cut };
  }

  it("gets what it has missed", async () => {
    const { cut } = await cutOff();
    cut.socket.connect();
    await until(cut, "connected", "bob: hello", "closed", "bob: are you there?", "connected");
    expect(cut.socket.recovered).toBe(true);
    cut.socket.emit("say", "I am back");
    await until(cut, "connected", "bob: hello", "closed", "bob: are you there?", "connected", "ada: I am back");
  });

  it("is refused if its user has logged out meanwhile", async () => {
    const { ada, cut } = await cutOff();
    await ada.post(`${site.url}/logout`);
    cut.socket.connect();
    await until(cut, "connected", "bob: hello", "closed", "login-required");
  });

  it("is refused if another user has logged in in that browser meanwhile", async () => {
    const { bob, cut } = await cutOff();
    Object.assign(cut.socket.io.opts, { extraHeaders: { cookie: bob.cookie } });
    cut.socket.connect();
    await until(cut, "connected", "bob: hello", "closed", "login-required");
  });

  it("is refused if the server has closed it at the end of its login, until there is a new one", async () => {
    const { cut } = await cutOff();
    cut.socket.connect();
    await until(cut, "connected", "bob: hello", "closed", "bob: are you there?", "connected");
    const phone = await loggedIn("ada", site);
    await phone.post(`${site.url}/account/end-others`);
    await expect.poll(() => cut.seen.at(-1)).toBe("closed");
    cut.socket.connect();
    await expect.poll(() => cut.seen.at(-1)).toBe("login-required");
    Object.assign(cut.socket.io.opts, { extraHeaders: { cookie: phone.cookie } });
    cut.socket.connect();
    await expect.poll(() => cut.seen.at(-1)).toBe("connected");
  });
});

describe("a namespace of its own", () => {
  const admin = 'io.of("/admin").on("connection", (socket) => socket.emit("said", "secret"));';
  const check = `(socket, next) =>
    auth.check(socket.request).then((user) => next(user ? undefined : new Error("login-required")), next)`;

  it.each([
    ["named", `io.of("/admin").use(${check});\n${admin}`],
    ["new", `io.on("new_namespace", (namespace) => namespace.use(${check}));\n${admin}`],
  ])("is entered only by who is logged in, if it is checked as the page says: %s", async (_name, lines) => {
    const site = await start((program) => replaced(program, 'io.on("connection"', `${lines}\nio.on("connection"`));
    await until(connect(new Person(), site, "websocket", { path: "/admin" }), "login-required");
    await until(connect(await registered("ada", site), site, "websocket", { path: "/admin" }), "connected", "secret");
  });
});
