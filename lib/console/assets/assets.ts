/** The script and the styles, from memory: bundlers carry them along, and no file is looked for at run time. */
import { hash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { send } from "../http/answer.js";
import { script, styles } from "./bundle.js";

/** The address changes with the content, so browsers may keep it. */
const addressOf = (name: string, text: string) => `assets/${hash("sha256", text).slice(0, 12)}/${name}`;
export const scriptAddress = addressOf("console.js", script);
export const stylesAddress = addressOf("console.css", styles);

/** False if `path` is no asset. */
export function sendAsset(path: string, res: ServerResponse): boolean {
  const name = /^\/assets\/\w+\/(console\.(?:js|css))$/.exec(path)?.[1];
  if (name === undefined) return false;
  const isScript = name.endsWith(".js");
  res.setHeader("Cache-Control", "private, max-age=31536000, immutable");
  send(res, 200, `text/${isScript ? "javascript" : "css"}; charset=utf-8`, isScript ? script : styles);
  return true;
}
