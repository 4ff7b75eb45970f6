// What the package promises, checked one by one on a small site and printed as JSON. What is around the pages differs: a
// framework, a runtime, a bundler, a package manager.
const { once } = require("node:events");
const { Readable } = require("node:stream");
const { linkTo } = require("./link.cjs");
const { expectEqual, tryEach, until } = require("./try-each.cjs");
const { serve, visitor } = require("./visitor.cjs");

const size = 400_000;

const promises = {
  async "a login gets a new session id, and the old one is worth nothing"({ open }) {
    const [ada, stranger] = [visitor(), visitor()];
    await ada.visit(`${open}/write?key=cart`);
    stranger.cookie = ada.cookie;
    expectEqual((await ada.visit(`${open}/login`)).status, 200);
    expectEqual(ada.cookie === stranger.cookie, false);
    expectEqual([await read(open, ada), await read(open, stranger)], [{ user: "ada" }, {}]);
  },

  async "what a page wrote is there for the next page, on another server too"({ open, other }) {
    const ada = visitor();
    await ada.visit(`${open}/write?key=a`);
    expectEqual([await read(open, ada), await read(other, ada)], [{ a: true }, { a: true }]);
  },

  async "a page that only reads costs one round trip"({ open, link }) {
    const ada = visitor();
    await ada.visit(`${open}/write?key=a`);
    const flights = [];
    for (let n = 0; n < 5; n++) {
      link.flights = 0;
      await read(open, ada);
      flights.push(link.flights);
    }
    expectEqual(Math.min(...flights), 1); // a check of the connection may fall into one of them
  },

  async "a page is answered when Redis has its change, and not before"({ open, link }) {
    const ada = visitor();
    await ada.visit(`${open}/write?key=a`);
    let isAnswered = false;
    const answer = ada.visit(`${open}/held`).finally(() => (isAnswered = true));
    await until(() => isAnswered || link.held?.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50)); // enough for an answer that does not wait
    const wasEarly = isAnswered;
    link.letGo();
    expectEqual([wasEarly, (await answer).status, (await answer).text], [false, 200, "done"]);
  },

  async "while a page waits, it looks answered, and cannot be answered again"({ open, seen }) {
    const ada = visitor();
    const { status, text, headers } = await ada.visit(`${open}/twice`);
    expectEqual(seen.twice, { headersSent: true, writableEnded: true, refused: true });
    expectEqual([status, text, headers.get("x-second")], [200, "first", null]);
  },

  async "a page in pieces arrives whole, with its change saved"({ open }) {
    const ada = visitor();
    const { status, text } = await ada.visit(`${open}/pieces`);
    expectEqual([status, text.length, await read(open, ada)], [200, size, { pieces: true }]);
  },

  async "a redirect has its cookie, and the change that it leads to"({ open }) {
    const ada = visitor();
    const { status, given, headers } = await ada.visit(`${open}/go`);
    expectEqual([status, headers.get("location"), given.length], [302, "/read", 1]);
    expectEqual(await read(open, ada), { gone: true });
  },

  async "overlapping updates are both kept"({ open, seen }) {
    const ada = visitor();
    await ada.visit(`${open}/write?key=a`);
    const slow = visitor(ada.cookie).visit(`${open}/slow`);
    await until(() => seen.slow);
    await ada.visit(`${open}/write?key=b`);
    seen.slow();
    expectEqual((await slow).status, 200);
    expectEqual(sorted(await read(open, ada)), { a: true, b: true, slow: true });
  },

  async "a destroyed session stays destroyed"({ open, seen }) {
    const ada = visitor();
    await ada.visit(`${open}/login`);
    const { cookie } = ada;
    const slow = visitor(cookie).visit(`${open}/slow`);
    await until(() => seen.slow);
    expectEqual((await ada.visit(`${open}/logout`)).status, 200);
    seen.slow();
    await slow;
    expectEqual(await read(open, visitor(cookie)), {});
  },

  async "a change that cannot be saved is 503, without anything of the success"({ open, link }) {
    const ada = visitor();
    await ada.visit(`${open}/write?key=a`);
    const { status, text, headers } = await ada.visit(`${open}/lost`);
    await link.mend();
    await until(async () => (await ada.visit(`${open}/read`)).status === 200);
    expectEqual([status, headers.get("etag"), text.includes("done")], [503, null, false]);
    expectEqual(await read(open, ada), { a: true });
  },

  async "while Redis is down, it is 503 with Retry-After, and service comes back by itself"({ open, link }) {
    const ada = visitor();
    await ada.visit(`${open}/login`);
    link.cut();
    const { status, headers } = await ada.visit(`${open}/read`);
    expectEqual([status, headers.get("retry-after")], [503, "1"]);
    await link.mend();
    await until(async () => (await ada.visit(`${open}/read`)).status === 200);
    expectEqual(await read(open, ada), { user: "ada" });
  },
};

/** For `express-session` with our store, which answers by itself and earlier. */
const ofTheStore = Object.keys(promises).filter((name) => !/looks answered|cannot be saved/.test(name));
exports.promises = Object.keys(promises);
exports.promisesOfTheStore = ofTheStore;
exports.secret = "a secret of at least 32 characters";

/**
 * @param openSite makes a site out of Redis' address and a handler of all pages: `{ app, sessions }`, where `sessions`
 * has `ready()` and `close()`
 */
exports.tryPromises = async function tryPromises(openSite, names = Object.keys(promises)) {
  const link = await linkTo(process.env.REDIS_URL);
  const seen = {};
  const sites = [1, 2].map(() => openSite(link.url, (req, res) => page(req, res, link, seen)));
  const servers = [];
  for (const { app, sessions } of sites) {
    await sessions.ready();
    servers.push(await serve(app));
  }
  const chosen = Object.fromEntries(names.map((name) => [name, promises[name]]));
  const outcomes = await tryEach(chosen, { open: servers[0].url, other: servers[1].url, link, seen });
  for (const server of servers) await server.close();
  for (const { sessions } of sites) await sessions.close();
  link.close();
  console.log(JSON.stringify(outcomes));
};

async function page(req, res, link, seen) {
  const { session } = req;
  const url = new URL(req.url, "http://site");
  const pages = {
    "/read"() {
      const { cookie: _cookie, ...values } = session;
      res.setHeader("Content-Type", "application/json");
      res.end(JSON.stringify(values));
    },
    "/write"() {
      session[url.searchParams.get("key")] = true;
      res.end("done");
    },
    async "/login"() {
      await called(session, "regenerate");
      req.session.user = "ada";
      res.end("done");
    },
    async "/logout"() {
      await called(session, "destroy");
      res.end("done");
    },
    async "/slow"() {
      void session.user; // so that it is loaded before the others write
      await new Promise((resolve) => (seen.slow = resolve));
      delete seen.slow;
      session.slow = true;
      res.end("done");
    },
    "/held"() {
      link.hold();
      session.held = true;
      res.end("done");
    },
    "/twice"() {
      session.twice = true;
      res.end("first");
      const { headersSent, writableEnded } = res;
      seen.twice = { headersSent, writableEnded, refused: throws(() => res.setHeader("X-Second", "1")) };
    },
    async "/pieces"() {
      session.pieces = true;
      Readable.from(Array.from({ length: 40 }, () => "x".repeat(size / 40))).pipe(res);
      await once(res, "finish");
    },
    "/go"() {
      session.gone = true;
      res.writeHead(302, { Location: "/read" });
      res.end();
    },
    "/lost"() {
      link.cut();
      session.lost = true;
      res.setHeader("ETag", '"1"');
      res.end("done");
    },
  };
  await pages[url.pathname]();
}

function called(session, method) {
  return new Promise((resolve, reject) => session[method]((error) => (error ? reject(error) : resolve())));
}

function throws(work) {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}

async function read(open, { cookie }) {
  return JSON.parse((await visitor(cookie).visit(`${open}/read`)).text);
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}
