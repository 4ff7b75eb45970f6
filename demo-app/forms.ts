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

/** The field as text: "" if it is missing, given twice, or not a string. */
export function textField(req: Request, name: string): string {
  const body: unknown = req.body;
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return "";
  const value = (body as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}

/** The field as a whole number within bounds, or undefined. JSON numbers count too. */
export function wholeNumberField(req: Request, name: string, min: number, max: number): number | undefined {
  const body = req.body as Record<string, unknown> | undefined;
  const given = typeof body?.[name] === "number" ? String(body[name]) : textField(req, name).trim();
  if (!/^\d{1,6}$/.test(given)) return undefined;
  const value = Number(given);
  return value >= min && value <= max ? value : undefined;
}
