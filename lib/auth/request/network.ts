/** Which addresses count as one visitor's: an IPv4 address, or the /64 network of an IPv6 address. Pure. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * The IP address in what a proxy or a socket reports; undefined if there is none.
 *
 * Some proxies also write the visitor's port to `X-Forwarded-For` (Azure Application Gateway, IIS ARR, AWS load
 * balancers if client ports are preserved), which differs for each connection: `192.0.2.1:50123`,
 * `[2001:db8::1]:50123`. The port is removed, and so is the name of a network interface (`fe80::1%eth0`). An
 * IPv4-mapped address (`::ffff:192.0.2.1`) becomes IPv4. An IPv6 address is returned in its canonical short form.
 */
export function plainAddress(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > longest) return undefined;
  const trimmed = text.trim().replace(/^"(.*)"$/, "$1"); // quoted in the header `Forwarded`
  const [, inBrackets] = /^\[([^[\]]*)\](?::\d{1,5})?$/.exec(trimmed) ?? [];
  const whole = (inBrackets ?? trimmed).replace(/%[^:[\]]*(?=$|:\d{1,5}$)/, "");
  if (inBrackets !== undefined) return isAddress6(whole) ? shortest(whole) : undefined;
  for (const address of [whole, whole.replace(/:\d{1,5}$/, "")]) {
    if (isIPv4(address)) return address;
    if (isAddress6(address)) return shortest(address);
  }
  return undefined;
}

/** Much longer than any address with all its additions. */
const longest = 200;

/**
 * The network that an address counts as. A household or a server usually has a whole /64, which is 2^64 addresses, and
 * may use a new one for each attempt. An IPv4 address that was translated to IPv6 (RFC 6052, RFC 3056) counts as IPv4,
 * because otherwise all of IPv4 would be one network. Undefined if it is not an address.
 */
export function networkOf(text: unknown): string | undefined {
  const address = plainAddress(text);
  if (address === undefined || isIPv4(address)) return address;
  const groups = groupsOf(address);
  const prefix = groups.slice(0, 6).join(":");
  if (prefix === "64:ff9b:0:0:0:0") return dotted(groups.slice(6));
  if (groups[0] === "2002") return dotted(groups.slice(1, 3));
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** Node.js accepts anything after a `%` as the name of an interface, even `::%:`. */
const isAddress6 = (text: string): boolean => isIPv6(text) && !text.includes("%");

/** `URL` parses all notations of an address, and writes the canonical one. */
function shortest(address: string): string {
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return short.startsWith("::ffff:") && short.split(":").length === 5 ? dotted(short.split(":").slice(3)) : short;
}

/** The eight groups, each in hex without leading zeros. */
function groupsOf(short: string): string[] {
  const [head, tail] = short.split("::").map((part) => part.split(":").filter(Boolean));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  return [...head!, ...Array<string>(missing).fill("0"), ...(tail ?? [])];
}

/** Two groups in IPv4 notation. */
function dotted(groups: string[]): string {
  return groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((value) => [value >> 8, value & 255])
    .join(".");
}
