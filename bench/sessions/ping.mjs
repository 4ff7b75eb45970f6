// Another client of Redis: sends a PING every two milliseconds until it is told to end, and reports how long replies took.
import { connect } from "node:net";
import { once } from "node:events";
import { tell } from "../answers.mjs";

const socket = connect(Number(process.argv[2]), "127.0.0.1").setNoDelay();
await once(socket, "connect");
const took = [];
let isEnding = false;
process.on("message", () => (isEnding = true));
tell("ready");
while (!isEnding) {
  const begun = performance.now();
  socket.write("PING\r\n");
  await once(socket, "data");
  took.push(performance.now() - begun);
  await new Promise((done) => setTimeout(done, 2));
}
took.sort((a, b) => a - b);
const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
tell({ pings: took.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), longest: took.at(-1) });
process.disconnect();
socket.destroy();
