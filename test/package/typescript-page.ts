/** The mistakes in the table of docs/guides/typescript.md, as programs: each with what it takes to compile. */
import { blockWith, rowsOf } from "../docs/support/pages.js";

const page = "docs/guides/typescript.md";

export interface Mistake {
  /** What the first cell of its row begins with. */
  readonly begins: string;
  readonly files: Readonly<Record<string, string>>;
  readonly remedy: Readonly<Record<string, string>>;
}

/** What the compiler says, by the rows of the page; the first words that are marked as code. */
export const rows = rowsOf(page, "the compiler says").map(([says]) => /^`([^`]+)`/.exec(says!)![1]!);

const declaration = blockWith(page, "// session.ts").text;
const withoutExport = declaration.replace(/^export \{\};.*$/m, "");
const counting = `
  import express from "express";
  import { redisSession } from "holdfast";
  const app = express();
  app.use(redisSession());
  app.get("/", (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1;
    res.end();
  });`;
const naming = `
  import "holdfast/auth";
  import express from "express";
  express().get("/", (req, res) => void res.send(req.user?.username));`;
const both = `
  import { MemoryStore, redisSession } from "holdfast";
  redisSession({ store: new MemoryStore(), client: {}, secret: "a" });`;

export const mistakes: readonly Mistake[] = [
  {
    begins: "TS2339: Property 'views'",
    files: { "app.mts": counting },
    remedy: { "app.mts": counting, "session.mts": declaration },
  },
  {
    begins: "TS2305",
    files: { "app.mts": counting, "session.d.ts": withoutExport },
    remedy: { "app.mts": counting, "session.d.mts": declaration },
  },
  {
    begins: "TS2664",
    files: { "app.mts": `declare module "express-session" { interface SessionData { views?: number } }\nexport {};` },
    remedy: { "session.mts": `import "holdfast";\n${declaration}` },
  },
  {
    begins: "TS2339: Property 'username'",
    files: { "app.mts": naming },
    remedy: { "app.mts": naming, "user.mts": blockWith(page, "interface User extends HoldfastUser").text },
  },
  {
    begins: "TS2312",
    files: {
      "app.mts": `import type { RedisSessionOptions } from "holdfast";
        export interface Mine extends RedisSessionOptions { shop: string }`,
    },
    remedy: { "app.mts": blockWith(page, "extends RedisSessionOptionsBase").text },
  },
  { begins: "TS2769", files: { "app.mts": both }, remedy: { "app.mts": both.replace("client: {}, ", "") } },
];
