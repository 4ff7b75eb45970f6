/** What is shown of where a login comes from: enough to recognise it, not enough to follow somebody. Pure. */
import { isIPv4, isIPv6 } from "node:net";
import Bowser from "bowser";
import type { AuthRequest } from "./session-change.js";

/** As `Firefox on Linux`. It is what the browser claims. */
export function agentOf(req: AuthRequest): string {
  const header = req.headers["user-agent"];
  if (!header) return "unknown";
  const { browser, os } = Bowser.parse(header.slice(0, 500));
  const [program, system] = [browser.name?.slice(0, 40), os.name?.slice(0, 40)]; // what a browser claims has no end
  if (program && system) return `${program} on ${system}`;
  return program || system || "unknown";
}

/** The visitor's address: Express' `req.ip`, which heeds "trust proxy"; without Express the socket's. */
export function addressOf(req: AuthRequest): string {
  return req.ip ?? req.socket?.remoteAddress ?? "";
}

/** An address without its last part, as `203.0.113.*`: a network, not a household. */
export function coarseAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, ".*");
  if (!isIPv6(plain)) return "unknown";
  if (plain === "::1") return "this machine";
  const groups = plain.split("::", 1)[0]!.split(":").filter(Boolean);
  return `${groups.slice(0, 3).join(":")}:*`;
}
