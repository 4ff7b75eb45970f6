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
    const delayed = inOrder(delay / 2, (chunk) => {
      note();
      if (to.writable) to.write(chunk);
    });
    from.on("data", delayed);
  }

  return Object.assign(proxy, {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}

/**
 * Calls `work` so many milliseconds later, first come, first served, even if the process was busy until more than one is
 * due. Timers of Node.js know whole milliseconds only.
 */
function inOrder(milliseconds, work) {
  const waiting = [];
  function look() {
    while (waiting.length > 0 && waiting[0].due <= performance.now()) work(waiting.shift().value);
    if (waiting.length > 0) setImmediate(look);
  }
  return (value) => {
    waiting.push({ due: performance.now() + milliseconds, value });
    if (waiting.length === 1) setImmediate(look);
  };
}
