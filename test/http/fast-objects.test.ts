/** What a session makes of the objects that Node.js and Express work on: they stay fast for whatever reads them later. */
import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../promises/candidates.js";
import { isFast } from "../support/fast-properties.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();

test.each(["json", "hash"] as const)(
  "the request, the response and the session keep their fast properties to the end, in the layout %s",
  async (layout) => {
    const sessions = redisSession({ client: await redis.client(), secret, layout });
    const fast: object[] = [];
    const app = express();
    app.use((req, res, next) => {
      const { path } = req;
      res.on("finish", () => {
        fast.push({ path, req: isFast(req), res: isFast(res), session: isFast(req.session) });
      });
      next();
    });
    app.use(sessions);
    app.get("/new", (req, res) => void (Object.assign(req.session, { views: 0 }), res.send("new")));
    app.get("/read", (req, res) => void res.send(String(Reflect.get(req.session, "views"))));
    app.get("/unseen", (_req, res) => void res.send("not looked at"));
    app.get("/write", (req, res) => void (Object.assign(req.session, { views: 1 }), res.send("written")));
    app.get("/stream", (req, res) => {
      Object.assign(req.session, { views: 2 });
      res.write("in ");
      res.end("pieces");
    });
    const agent = request.agent(app);
    const pages = ["/new", "/read", "/read", "/unseen", "/write", "/write", "/stream"];
    for (const page of pages) await agent.get(page).expect(200);
    expect(fast).toEqual(pages.map((path) => ({ path, req: true, res: true, session: true })));
    await sessions.close();
  },
);
