// The middleware in front of a page, with nothing but Node.js' own server.
exports.onBareHttp = (sessions, page) => (req, res) =>
  sessions(req, res, (error) => {
    if (!error) return void page(req, res);
    res.writeHead(error.status ?? 500, error.headers);
    res.end(error.code);
  });
