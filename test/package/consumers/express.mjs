import framework from "express";
import { redisSession } from "holdfast";
import { countView, visitTwice } from "./visit-twice.cjs";

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
const app = framework();
app.use(sessions);
app.use(countView);
await visitTwice(app, sessions);
