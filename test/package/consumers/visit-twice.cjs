// Serves `handler`, visits it twice with one cookie jar, and prints the two answers as JSON. Then everything ends.
const http = require("node:http");

exports.visitTwice = async function visitTwice(handler, sessions) {
  const server = http.createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  await sessions.ready();
  const first = await fetch(url);
  const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
  const second = await fetch(url, { headers: { cookie } });
  const answers = [await first.json(), await second.json()];
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await sessions.close();
  console.log(JSON.stringify(answers));
};

/** Counts this visitor's views, in any framework. */
exports.countView = function countView(req, res) {
  req.session.views = (req.session.views ?? 0) + 1;
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify(req.session.views));
};
