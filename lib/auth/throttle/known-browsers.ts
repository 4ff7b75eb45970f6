/**
 * A cookie that proves that this browser has logged in to an account before (OWASP: device cookies). It does not log
 * anybody in. Guesses with it are counted separately, so that strangers cannot lock the owner out of their own browser.
 *
 *     known-browser=<name>.<tag>.<end>~<name>.<tag>.<end>.<signature>
 *
 * One part for each recent account. The name is random and identifies the browser. The tag is a hash of that name and
 * the account's id, so the cookie does not reveal the account. The end is in seconds since 1970.
 */
import { createHash, randomBytes } from "node:crypto";
import { parse, serialize } from "cookie";
import { sign, unsign } from "cookie-signature";
import type { CookieSettings } from "../../session/index.js";
import { optionInvalid } from "../../errors/index.js";
import { derivedKeys, isCookieName, type RedisSessionMiddleware } from "../../http/index.js";
import { responseTo } from "../request/responses.js";
import { isSameSite } from "../request/clear-cookie.js";
import type { AuthRequest } from "../request/auth-request.js";
import type { ThrottleOptions } from "./throttle.js";

export interface KnownBrowsersParts {
  readonly cookieName: string;
  /** How long a browser stays known, in seconds. */
  readonly knownFor: number;
  /** The first key signs, all keys verify. Called each time, because secrets may be rotated. */
  readonly keys: () => readonly Buffer[];
}

/**
 * Undefined if the cookie has no name or no key.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 */
export function knownBrowsers(
  options: Pick<ThrottleOptions, "browserCookie" | "browserSecret"> & { knownFor: number },
  sessions: Pick<RedisSessionMiddleware, "keysFor"> | undefined,
): KnownBrowsers | undefined {
  const { browserCookie: cookieName = "known-browser", browserSecret: given, knownFor } = options;
  if (cookieName === false || (given === undefined && !sessions)) return undefined;
  if (!cookieName || !isCookieName(cookieName))
    throw optionInvalid("`throttle.browserCookie` must be a valid cookie name");
  if (given === undefined) return new KnownBrowsers({ cookieName, knownFor, keys: () => sessions!.keysFor(purpose) });
  const secrets = [given].flat();
  if (secrets.length === 0 || secrets.some((secret) => typeof secret !== "string" || secret === "")) {
    throw optionInvalid("`throttle.browserSecret` must be a secret or a list of secrets, and none may be empty");
  }
  return new KnownBrowsers({ cookieName, knownFor, keys: () => derivedKeys(secrets, purpose) });
}

const purpose = "known browser";

interface Browser {
  readonly name: string;
  readonly tag: string;
  readonly end: number;
}

/** How many accounts a browser can be known for; enough for a family. */
const mostAccounts = 4;

/** No cookie of this kind is longer. */
const longest = 1000;

export class KnownBrowsers {
  readonly #parts: KnownBrowsersParts;

  constructor(parts: KnownBrowsersParts) {
    this.#parts = parts;
  }

  /** Returns a function from an account's id to the browser's name; undefined if the request has no such cookie. */
  browserOf(req: AuthRequest): ((account: string) => string | undefined) | undefined {
    const browsers = this.#read(req);
    if (browsers.length === 0) return undefined;
    return (account) => browsers.find(({ name, tag }) => tag === tagOf(name, account))?.name;
  }

  /** Sets the cookie, if the response is known and its headers have not been sent. */
  remember(req: AuthRequest, account: string): void {
    const res = responseTo(req);
    const [key] = this.#parts.keys();
    if (!res || res.headersSent || !key) return;
    const name = randomBytes(16).toString("base64url");
    const others = this.#read(req).filter((browser) => browser.tag !== tagOf(browser.name, account));
    const browsers = [{ name, tag: tagOf(name, account), end: now() + this.#parts.knownFor }, ...others];
    const text = browsers
      .slice(0, mostAccounts)
      .map((browser) => `${browser.name}.${browser.tag}.${browser.end}`)
      .join("~");
    const cookie: object = req.session?.cookie ?? {};
    const { path, domain, secure, sameSite, partitioned }: CookieSettings = cookie;
    const line = serialize(this.#parts.cookieName, sign(text, key), {
      path: typeof path === "string" ? path : "/",
      ...(typeof domain === "string" && { domain }),
      maxAge: this.#parts.knownFor,
      httpOnly: true,
      secure: secure === true,
      partitioned: partitioned === true,
      sameSite: isSameSite(sameSite) ? sameSite : "lax",
    });
    res.appendHeader("Set-Cookie", line);
  }

  #read(req: AuthRequest): Browser[] {
    const header = req.headers.cookie;
    const value = header === undefined ? undefined : parse(header)[this.#parts.cookieName];
    if (!value || value.length > longest) return [];
    for (const key of this.#parts.keys()) {
      const text = unsign(value, key);
      if (text !== false) return browsersIn(text);
    }
    return [];
  }
}

/** Parses a text whose signature was verified. */
function browsersIn(text: string): Browser[] {
  return text
    .split("~")
    .map((part) => part.split("."))
    .map(([name = "", tag = "", end]) => ({ name, tag, end: Number(end) }))
    .filter(({ end }) => end > now());
}

function tagOf(name: string, account: string): string {
  return createHash("sha256")
    .update(JSON.stringify([name, account]))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
