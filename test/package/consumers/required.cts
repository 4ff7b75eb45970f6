// A CommonJS app in TypeScript whose imports stay as they are written.
import express = require("express");
import holdfast = require("holdfast");
import auth = require("holdfast/auth");
import type { RedisSessionMiddleware, RedisSessionStore } from "holdfast";

declare module "holdfast" {
  interface HoldfastSession {
    views?: number;
  }
}

const { redisSession, sum, HoldfastError } = holdfast;
const sessions: RedisSessionMiddleware<RedisSessionStore> = redisSession({ secret: "a", merge: { views: sum } });
const logins = auth.localAuth({ sessions });

const app = express();
app.use(sessions, logins.middleware);
app.get("/", auth.requireLogin(), (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  // @ts-expect-error: a number
  req.session.views = "one";
  res.json(req.session.views);
});

const isOurs = (error: unknown): boolean => HoldfastError.is(error) && error.code === "SESSION_CONTENDED";

export = { app, isOurs };
