// A TCP proxy that adds a delay in front of a server and counts the round trips that somebody waited for.
import { connect, createServer } from "node:net";

/**
 * `trips` counts answers of the server that followed something sent to it. A command whose answer comes after the page
 * (nobody waited for it) and what the server sends unasked are none.
 *
 * @param delay milliseconds, in each direction half of it
 */
export async function startProxy(targetPort, delay) {
  const sockets = new Set();
  const proxy = { trips: 0 };
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    let isAwaited = false;
    pass(client, target, () => (isAwaited = true));
    pass(target, client, () => {
      if (isAwaited) proxy.trips++;
      isAwaited = false;
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));

  function pass(from, to, note) {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.on("data", (chunk) => {
      after(delay / 2, () => {
        note();
        if (to.writable) to.write(chunk);
      });
    });
  }

  return Object.assign(proxy, {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}

/** Timers of Node.js know whole milliseconds only. */
function after(milliseconds, call) {
  const due = performance.now() + milliseconds;
  const look = () => (performance.now() < due ? setImmediate(look) : call());
  look();
}
