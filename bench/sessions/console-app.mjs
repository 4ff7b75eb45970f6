// An app with the console, for sessions.mjs.
import express from "express";
import { redisSession } from "holdfast";
import { console as operatorConsole } from "holdfast/console";
import { tell } from "../answers.mjs";

const sessions = redisSession({ url: process.argv[2], secret: "only for this benchmark, long enough" });
await sessions.ready();
const app = express().use("/ops", operatorConsole({ sessions }));
const server = app.listen(0, "127.0.0.1", () => tell(server.address().port));
