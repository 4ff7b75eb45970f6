// An app that configures express-session itself, with Holdfast's store.
const express = require("express");
const session = require("express-session");
const { connectToRedis, RedisSessionStore } = require("holdfast");
const { promisesOfTheStore, secret, tryPromises } = require("./checks/promises.cjs");

void tryPromises(
  (url, page) => {
    const connection = connectToRedis({ url });
    const store = new RedisSessionStore({ client: connection.client });
    const app = express();
    app.use(session({ secret, resave: false, saveUninitialized: false, store }));
    app.use(page);
    return { app, sessions: connection };
  },
  process.argv.includes("--all") ? undefined : promisesOfTheStore,
);
