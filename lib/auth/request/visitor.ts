/** What is known about a visitor: their browser and their address, also in a coarse form for display. */
import { isIPv4, isIPv6 } from "node:net";
import Bowser from "bowser";
import { codes, warnOnce } from "../../errors/index.js";
import { plainAddress } from "./network.js";
import type { AuthRequest } from "./auth-request.js";

/** The browser as it identifies itself, such as `Firefox on Linux`. */
export function agentOf(req: AuthRequest): string {
  const header = req.headers["user-agent"];
  if (!header) return "unknown";
  const { browser, os } = Bowser.parse(header.slice(0, 500));
  const [program, system] = [browser.name?.slice(0, 40), os.name?.slice(0, 40)]; // the header may be arbitrarily long
  if (program && system) return `${program} on ${system}`;
  return program || system || "unknown";
}

/** Returns the visitor's IP address; undefined if there is none, such as on a Unix socket. */
export type AddressOf = (req: AuthRequest) => string | undefined;

/**
 * Reads the address with the app's function; otherwise Express's `req.ip`, which respects "trust proxy"; otherwise the
 * socket's. Warns once if that cannot be right, because limits per address would be useless.
 */
export function addressReader(ofTheApp?: (req: AuthRequest) => string | undefined): AddressOf {
  return (req) => {
    const socket = req.socket?.remoteAddress;
    const seen = ofTheApp ? ofTheApp(req) : (req.ip ?? socket);
    if (!ofTheApp && seen === socket && req.headers["x-forwarded-for"] !== undefined) warnOfProxy();
    const address = plainAddress(seen);
    if (address === undefined) warnOfNone();
    return address;
  };
}

const remedy =
  'With Express, set "trust proxy" to your proxy; otherwise, pass `addressOf: (req) => ...` to localAuth(), which ' +
  "returns the address that the proxy reports.";

function warnOfProxy(): void {
  warnOnce(
    codes.VISITOR_ADDRESS,
    "A request with X-Forwarded-For was counted under the address of its socket. If it came through your proxy, all " +
      `visitors share the proxy's limits. ${remedy}`,
    "proxy",
  );
}

function warnOfNone(): void {
  warnOnce(
    codes.VISITOR_ADDRESS,
    "The address of a visitor is missing or is not an IP address, so all such visitors share one limit on login " +
      `attempts. ${remedy}`,
    "none",
  );
}

/** An address without its last part, such as `203.0.113.*`, which identifies a network, not a household. */
export function coarseAddress(address: string): string {
  const plain = plainAddress(address) ?? "";
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, ".*");
  if (!isIPv6(plain)) return "unknown";
  if (plain === "::1") return "this machine";
  const groups = plain.split("::", 1)[0]!.split(":").filter(Boolean);
  return `${groups.slice(0, 3).join(":")}:*`;
}
