// A Nest app, whose decorators are called by hand. Redis takes no writes while it is visited, first without the filter of
// the documents, then with it; prints what the visitor gets.
import "reflect-metadata";
import { Controller, Get, Module, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { redisSession } from "holdfast";
import { SessionErrors } from "./session-errors.js";

class Pages {
  count(req) {
    req.session.views = (req.session.views ?? 0) + 1;
    return String(req.session.views);
  }
}
Get("/")(Pages.prototype, "count", Object.getOwnPropertyDescriptor(Pages.prototype, "count"));
Req()(Pages.prototype, "count", 0);
Controller()(Pages);

class App {}
Module({ controllers: [Pages] })(App);

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
await sessions.ready();

async function visit(url) {
  const answer = await fetch(url);
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), body: await answer.json() };
}

const answers = [];
for (const filters of [[], [new SessionErrors()]]) {
  const app = await NestFactory.create(App, { logger: false });
  app.use(sessions);
  app.useGlobalFilters(...filters);
  await app.listen(0, "127.0.0.1");
  const url = `http://127.0.0.1:${app.getHttpServer().address().port}/`;
  const well = await visit(url);
  await sessions.client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });
  answers.push({ well, full: await visit(url) });
  await sessions.client.configSet("maxmemory", "0");
  await app.close();
}
await sessions.close();
console.log(JSON.stringify(answers));
