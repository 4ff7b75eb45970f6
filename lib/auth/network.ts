/** Which addresses count as one visitor's: an IPv4 address, or the /64 that an IPv6 address lies in. Pure. */
import { isIPv6 } from "node:net";

/**
 * A household or a server is given a whole /64, that is 2^64 addresses, and may use a new one for each attempt. IPv4 in
 * IPv6's clothes (`::ffff:192.0.2.1`) is IPv4. Whatever is no address, as the name of a socket, is taken as it is.
 */
export function networkOf(address: string): string {
  const [plain = ""] = address.trim().toLowerCase().split("%"); // what follows is the name of a network interface
  if (!isIPv6(plain)) return plain;
  const groups = groupsOf(plain);
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return groups.slice(6).flatMap(bytesOf).join(".");
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** The eight groups, each in hex without leading zeros. `URL` knows all the ways to write them. */
function groupsOf(address: string): string[] {
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head, tail] = short.split("::").map((part) => part.split(":").filter(Boolean));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  return [...head!, ...Array<string>(missing).fill("0"), ...(tail ?? [])];
}

function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}
