/** The fields of a form, whether or not a body parser of the app has read them already. */
import type { IncomingMessage } from "node:http";

/** The forms have a few short fields. */
const mostBytes = 16 * 1024;

export class BodyTooLarge extends Error {}

export async function formOf(req: IncomingMessage): Promise<(name: string) => string> {
  const parsed: unknown = Reflect.get(req, "body");
  if (typeof parsed === "object" && parsed !== null && !Buffer.isBuffer(parsed)) {
    return (name) => {
      const value: unknown = Object.getOwnPropertyDescriptor(parsed, name)?.value;
      return typeof value === "string" ? value.trim() : "";
    };
  }
  const text = typeof parsed === "string" || Buffer.isBuffer(parsed) ? String(parsed) : await read(req);
  const fields = new URLSearchParams(text);
  return (name) => (fields.get(name) ?? "").trim();
}

async function read(req: IncomingMessage): Promise<string> {
  if (req.readableEnded) return "";
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > mostBytes) throw new BodyTooLarge();
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString("utf8");
}
