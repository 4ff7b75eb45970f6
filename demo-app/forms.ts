/** Reads form fields from untrusted input: the result is a string, or nothing. */
import express, { type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { Refused } from "./refused.js";

/** No form of the shop is longer than a few lines. */
const limit = "16kb";

/** The parsers for forms and for JSON; other bodies are rejected with 415. */
export const bodyParsers: RequestHandler[] = [
  express.urlencoded({ extended: false, limit, parameterLimit: 50 }),
  express.json({ limit }),
  function refuseOtherBodies(req: Request, _res: Response, next: NextFunction): void {
    const hasBody = req.get("Transfer-Encoding") !== undefined || Number(req.get("Content-Length") ?? 0) > 0;
    if (hasBody && req.body === undefined) throw new Refused(415, "The shop accepts forms and JSON only.");
    next();
  },
];

/** The field as text: "" if it is missing, given twice, or neither a string nor, in JSON, a number. */
export function textField(req: Request, name: string): string {
  const body: unknown = req.body;
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return "";
  const value = (body as Record<string, unknown>)[name];
  return typeof value === "number" ? String(value) : typeof value === "string" ? value : "";
}
