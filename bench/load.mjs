// The load generator, in a process of its own: visitors with a connection each, who ask again as soon as they are answered.
// Bare sockets and ready-made requests, because on a small machine it competes with the app for the processor.
import { connect } from "node:net";
import { answer } from "./answers.mjs";

const connections = new Map(); // by port and cookie; kept open from round to round

answer({ run });

async function run({ port, path, cookies, count }) {
  const visitors = await Promise.all(cookies.map((cookie) => visitor(port, cookie)));
  const start = performance.now();
  const views = await Promise.all(visitors.map((one) => one(path, count)));
  const seconds = (performance.now() - start) / 1000;
  return { seconds, views: views.reduce((sum, seen) => sum + seen, 0) };
}

async function visitor(port, cookie) {
  const key = `${port} ${cookie}`;
  if (!connections.has(key)) connections.set(key, await open(port, cookie));
  return connections.get(key);
}

async function open(port, cookie) {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await new Promise((done, fail) => socket.once("connect", done).once("error", fail));
  let received = "";
  let onAnswer;
  socket.on("data", (chunk) => {
    received += chunk.latin1Slice();
    if (!received.endsWith("</html>\n")) return;
    const page = received;
    received = "";
    onAnswer(page);
  });

  /** Returns by how much the page's counter rose. */
  return (path, count) => {
    const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: shop.example\r\nCookie: ${cookie}\r\n\r\n`);
    return new Promise((resolve, reject) => {
      let left = count;
      let first;
      socket.once("close", () => reject(new Error("the app closed a connection")));
      onAnswer = (answer) => {
        if (!answer.startsWith("HTTP/1.1 200")) return reject(new Error(answer));
        first ??= viewsOf(answer);
        if (--left > 0) return socket.write(request);
        socket.removeAllListeners("close");
        resolve(viewsOf(answer) - first);
      };
      socket.write(request);
    });
  };
}

function viewsOf(answer) {
  return Number(/views=(\d+)/.exec(answer)[1]);
}
