/** Addresses in whatever form a proxy or a socket writes them: what counts as one visitor. */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkOf, plainAddress } from "../../lib/auth/request/network.js";
import { coarseAddress } from "../../lib/auth/request/visitor.js";

const port = fc.integer({ min: 0, max: 65_535 });
const zone = fc.constantFrom("eth0", "25lo", "12", "en-1.2");
const padding = fc.constantFrom("", " ", "\t");

/** One address in a form that some proxy writes. */
const ipv4Forms = fc.oneof(
  fc.constant((address: string) => address),
  port.map((number) => (address: string) => `${address}:${number}`),
  fc.constant((address: string) => `::ffff:${address}`),
  fc.constant((address: string) => `::FFFF:${address}`),
  fc.constant((address: string) => `0:0:0:0:0:ffff:${address}`),
  port.map((number) => (address: string) => `::ffff:${address}:${number}`),
  port.map((number) => (address: string) => `[::ffff:${address}]:${number}`),
  port.map((number) => (address: string) => `"${address}:${number}"`),
);
const ipv6Forms = fc.oneof(
  fc.constant((address: string) => address),
  fc.constant((address: string) => address.toUpperCase()),
  fc.constant((address: string) => `[${address}]`),
  zone.map((name) => (address: string) => `${address}%${name}`),
  port.map((number) => (address: string) => `[${address}]:${number}`),
  port.map((number) => (address: string) => `"[${address}]:${number}"`),
  fc.tuple(zone, port).map(
    ([name, number]) =>
      (address: string) =>
        `[${address}%${name}]:${number}`,
  ),
);

describe("an address counts the same whatever stands around it", () => {
  it("IPv4: ports, IPv6's clothes, brackets, quotes, space", () => {
    fc.assert(
      fc.property(fc.ipV4(), ipv4Forms, padding, (address, form, space) => {
        expect(networkOf(space + form(address) + space)).toBe(address);
        expect(plainAddress(form(address))).toBe(address);
      }),
    );
  });

  it("IPv6: ports, brackets, interfaces, case, quotes, space", () => {
    fc.assert(
      fc.property(fc.ipV6(), ipv6Forms, padding, (address, form, space) => {
        expect(networkOf(space + form(address) + space)).toBe(networkOf(address));
        expect(plainAddress(form(address))).toBe(plainAddress(address));
        expect(coarseAddress(form(address))).toBe(coarseAddress(address));
      }),
    );
  });

  it("a port after an IPv6 address without brackets never makes more than two of it", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.array(port, { minLength: 30, maxLength: 30 }), (address, ports) => {
        const networks = new Set(ports.map((number) => networkOf(`${address}:${number}`)));
        expect(networks.size).toBeLessThanOrEqual(2);
        expect(networks).not.toContain(undefined);
      }),
    );
  });
});

it("an IPv6 address counts with all of its /64, and with no other, as Node's own block list has it", () => {
  const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16));
  const address = fc
    .array(group, { minLength: 8, maxLength: 8 })
    .filter(([first]) => first !== "2002" && first !== "64");
  fc.assert(
    fc.property(address, address, (one, other) => {
      const network = networkOf(one.join(":"))!;
      const list = new BlockList();
      list.addSubnet(network.replace("/64", ""), 64, "ipv6");
      expect(list.check(one.join(":"), "ipv6")).toBe(true);
      expect(networkOf([...one.slice(0, 4), ...other.slice(4)].join(":"))).toBe(network);
      expect(networkOf(other.join(":")) === network).toBe(list.check(other.join(":"), "ipv6"));
    }),
  );
});

it("every text is an address or none, and a plain address stays as it is", () => {
  const rubbish = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[\d.:%[\]a-f", ]{0,60}$/),
    fc.stringMatching(/^\[?::[1f]?%[\d.:%\]a-f]{0,6}$/),
    fc.anything(),
    fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.string()).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(rubbish, (text) => {
      const address = plainAddress(text);
      if (address === undefined) return networkOf(text) === undefined;
      expect(isIPv4(address) || isIPv6(address)).toBe(true);
      expect(plainAddress(address)).toBe(address);
      expect(networkOf(address)).toBe(networkOf(text));
      return typeof networkOf(text) === "string";
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1:50123", "192.0.2.1"],
  ["::FFFF:C000:201", "192.0.2.1"],
  ["64:ff9b::192.0.2.1", "192.0.2.1"],
  ["2002:c000:201:7::1", "192.0.2.1"],
  ["2001:DB8:0:1::1", "2001:db8:0:1::/64"],
  ["2001:0db8:0000:0001:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"],
  ["2001:db8:0:1:2:3:4:5:443", "2001:db8:0:1::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["1::", "1:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::ffff:1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["fe80::1%eth0:443", "fe80:0:0:0::/64"],
  ["fe80::1%eth0:7", "fe80:0:0:0::/64"],
  [`fe80::1%${"a".repeat(192)}`, "fe80:0:0:0::/64"],
])("%s counts as %s", (address, network) => expect(networkOf(address)).toBe(network));

it.each([
  "",
  "unix:",
  "999.1.1.1",
  "unknown",
  "_hidden",
  "192.0.2.1, 192.0.2.2",
  "192.0.2.1:",
  "[192.0.2.1]",
  "1.2.3",
  "192.0.2.1:123456",
  '1"92.0.2.1"',
  '"192.0.2.1"1',
  "1[::1]",
  "[::1]1",
  "fe80::1%eth0:12:13",
  `fe80::1%${"a".repeat(193)}`,
  undefined,
  7,
])("%j is no address", (text) => expect(networkOf(text)).toBeUndefined());
