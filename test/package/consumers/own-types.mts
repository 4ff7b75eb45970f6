// An app whose package.json names Express and this package alone: what their types are made of has to be found all the same.
import express from "express";
import { redisSession, sum, type RedisSessionMiddleware, type RedisSessionStore } from "holdfast";
import { localAuth, requireLogin, type User } from "holdfast/auth";

declare module "holdfast" {
  interface HoldfastSession {
    views?: number;
  }
}

export const sessions = redisSession({ secret: ["new", "old"], merge: { views: sum } });
export const typed: RedisSessionMiddleware<RedisSessionStore> = sessions;
export const auth = localAuth({ sessions });
export const nameOf = (user: User): string => user.username;

const app = express();
app.use(sessions, auth.middleware);
app.get("/", requireLogin(), (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  // @ts-expect-error: a number
  req.session.views = "one";
  res.json(req.session.views);
});
