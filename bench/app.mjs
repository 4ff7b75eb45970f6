// The app process of one variant: an Express app with a page that reads its session and one that changes it.
import express from "express";
import { answer, tell } from "./answers.mjs";
import { countKept, saveAtOnce } from "./overlapping-saves.mjs";
import { notePageView, sessionOfSize } from "./session.mjs";
import { fillStore, readStore, runOperations, runRate } from "./loadtest/store-operations.mjs";
import { startProfile, stopProfile } from "./store/profiler.mjs";
import { runUpdates } from "./updates.mjs";
import { variants } from "./variants.mjs";

const [name, at] = JSON.parse(process.argv[2]);
process.on("warning", ({ code }) => code === "HOLDFAST_OPTION_UNKNOWN" && notBuilt());

try {
  const { middleware, store } = await variants.find((variant) => variant.name === name).make(at);
  await new Promise(setImmediate); // a warning about the options comes before this
  const server = listen(middleware);
  await new Promise((done) => server.once("listening", done));
  answer({
    cpu: () => microseconds(),
    startProfile: () => startProfile(),
    stopProfile: (order) => stopProfile(order),
    updates: (order) => runUpdates(store, order),
    saveAtOnce: (order) => saveAtOnce(store, order),
    countKept: (order) => countKept(store, order),
    operations: (order) => runOperations(store, order),
    rate: (order) => runRate(store, order),
    fill: (order) => fillStore(store, order),
    readEach: (order) => readStore(store, order),
    exit: () => process.exit(),
  });
  tell({ port: server.address().port, hasStore: store !== undefined });
} catch (error) {
  if (error.code !== "HOLDFAST_OPTION_INVALID") throw error;
  notBuilt();
}

function listen(middleware) {
  const app = express();
  app.disable("x-powered-by");
  app.use(middleware);
  app.get("/read", (req, res) => {
    res.send(page(req.session));
  });
  app.get("/write", (req, res) => {
    notePageView(req.session, req.originalUrl);
    res.send(page(req.session));
  });
  app.get("/new", (req, res) => {
    Object.assign(req.session, sessionOfSize(Number(req.query.visitor), at.bytes));
    res.send(page(req.session));
  });
  const server = app.listen(0, "127.0.0.1");
  server.keepAliveTimeout = 0; // connections stay open while other variants take their turn
  return server;
}

function page({ user, cart, pageViews }) {
  // A small session has no cart.
  const goods = (cart?.items ?? []).map((item) => `<li>${item.quantity} ${item.name}</li>`).join("");
  return `<!doctype html><h1>Hello ${user.name}</h1><ul>${goods}</ul><p>views=${pageViews}</p></html>\n`;
}

/** Of all threads of this process. */
function microseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function notBuilt() {
  tell({ notBuilt: true }, () => process.exit());
}
