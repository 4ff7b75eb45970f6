// The way to Redis, which can be counted, held up, cut and mended.
const net = require("node:net");

exports.linkTo = async function linkTo(redisUrl) {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set();
  let server = await listen(0);
  const own = server.address().port;

  const link = {
    url: `redis://127.0.0.1:${own}`,
    /** Times that something was sent to Redis. */
    flights: 0,
    /** Replies that wait here, or undefined while they pass. */
    held: undefined,
    hold: () => void (link.held = []),
    letGo() {
      const replies = link.held ?? [];
      link.held = undefined;
      for (const [socket, reply] of replies) socket.write(reply);
    },
    /** Nobody listens here until `mend()`. */
    cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    async mend() {
      server = await listen(own);
    },
    close: () => link.cut(),
  };
  return link;

  function listen(wanted) {
    const listening = net.createServer(join).listen(wanted, "127.0.0.1");
    return new Promise((resolve, reject) => {
      listening.once("listening", () => resolve(listening));
      listening.once("error", reject);
    });
  }

  function join(near) {
    const far = net.connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on("data", (data) => {
      link.flights++;
      far.write(data);
    });
    far.on("data", (data) => {
      if (link.held) link.held.push([near, data]);
      else near.write(data);
    });
  }
};
