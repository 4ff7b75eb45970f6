// Serves an app on a free port, and visits it with a cookie jar.
const http = require("node:http");

exports.serve = async function serve(app) {
  const server = http.createServer(app);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** @param cookie as another visitor, or another tab, has it */
exports.visitor = function visitor(cookie) {
  const self = {
    cookie,
    /** @param body is posted as JSON, if there is one */
    async visit(url, body) {
      const headers = self.cookie ? { cookie: self.cookie } : {};
      const post = body && { method: "POST", body: JSON.stringify(body) };
      if (body) headers["content-type"] = "application/json";
      const answer = await fetch(url, { redirect: "manual", headers, ...post });
      const given = answer.headers.getSetCookie().map((line) => line.split(";")[0]);
      if (given.length > 0) self.cookie = together(self.cookie, given);
      return { status: answer.status, headers: answer.headers, given, text: await answer.text() };
    },
  };
  return self;
};

/** The later cookie of a name counts. */
function together(before, given) {
  const all = [...(before?.split("; ") ?? []), ...given];
  return [...new Map(all.map((cookie) => [cookie.split("=")[0], cookie])).values()].join("; ");
}
