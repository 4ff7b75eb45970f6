/** `trackActivity()`: whose page views are noted, and for whom a session is made by that. */
import express from "express";
import { MemoryStore } from "express-session";
import { agent } from "supertest";
import { describe, expect, it } from "vitest";
import { redisSession } from "holdfast";
import { trackActivity, type TrackActivityOptions } from "holdfast/auth";
import { secret, valuesOf } from "../support/auth-site.js";

function site(options?: TrackActivityOptions) {
  const store = new MemoryStore();
  const app = express();
  app.use(redisSession({ store, secret }), trackActivity(options));
  app.post("/cart", (req, res) => {
    valuesOf(req)["cart"] = ["rope"];
    res.json({});
  });
  app.get(["/goods", "/goods/:name"], (req, res) => void res.json(valuesOf(req)));
  return {
    visitor: () => agent(app),
    sessions: () => Object.keys((store as unknown as { sessions: object }).sessions),
  };
}

describe("trackActivity()", () => {
  it("makes no session for visitors who have none, however many come", async () => {
    const { visitor, sessions } = site();
    for (let n = 0; n < 20; n++) {
      const { headers, body } = await visitor().get("/goods");
      expect(headers["set-cookie"]).toBeUndefined();
      expect(Object.keys(body)).toEqual(["cookie"]);
    }
    expect(sessions()).toEqual([]);
  });

  it("notes the path without its query, and counts, once there is something in the session", async () => {
    const customer = site().visitor();
    await customer.post("/cart");
    const before = Date.now();
    await customer.get("/goods?token=secret");
    const { body } = await customer.get("/goods?token=secret");
    expect(body).toMatchObject({ currentPage: "/goods", pageViews: 2, cart: ["rope"] });
    expect(body.lastActivity).toBeGreaterThanOrEqual(before);
  });

  it("keeps no more than 200 characters of a path, which anybody may make as long as they like", async () => {
    const customer = site().visitor();
    await customer.post("/cart");
    const path = `/goods/${"x".repeat(300)}`;
    expect((await customer.get(path)).body.currentPage).toBe(path.slice(0, 200));
  });

  it("with `newVisitors`, counts from the first page on", async () => {
    const { visitor, sessions } = site({ newVisitors: true });
    const somebody = visitor();
    await somebody.get("/goods");
    expect((await somebody.get("/goods")).body).toMatchObject({ pageViews: 2 });
    expect(sessions()).toHaveLength(1);
  });
});
