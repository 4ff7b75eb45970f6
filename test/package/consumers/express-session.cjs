// An app that configures express-session itself, with Holdfast's store.
const express = require("express");
const session = require("express-session");
const { connectToRedis, RedisSessionStore } = require("holdfast");
const { countView, visitTwice } = require("./visit-twice.cjs");

const connection = connectToRedis({});
const app = express();
const secret = "a secret of at least 32 characters";
app.use(
  session({
    secret,
    resave: false,
    saveUninitialized: false,
    store: new RedisSessionStore({ client: connection.client }),
  }),
);
app.use(countView);
void visitTwice(app, connection);
