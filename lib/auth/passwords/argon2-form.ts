/** The costs of an argon2 hash in the PHC form, parsed like the library does, without loading the library. Pure. */

export interface Argon2Costs {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

// If there is no version, costs that begin with `v=` are read as one.
const form = /^\$argon2(?:id|i|d)(?:\$v=(?:16|19)|(?!\$v=))\$([^$]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const largest = 2 ** 32 - 1;

/** Undefined if it is not such a hash, or if a cost occurs twice, since either could be meant. */
export function readArgon2Costs(phc: string): Argon2Costs | undefined {
  const [, parameters, salt, sum] = form.exec(phc) ?? [];
  if (parameters === undefined || bytesOf(salt!) < 8 || bytesOf(sum!) < 4) return undefined;
  const given = parameters
    .replace(/,$/, "")
    .split(",")
    .map((parameter) => parameter.split("="));
  if (!given.every((parameter) => parameter.length > 1 && isReadable(parameter))) return undefined;
  const cost = (name: string) => {
    const [value, ...more] = given.filter(([key]) => key === name);
    if (value?.length !== 2 || more.length > 0 || !/^[1-9]\d{0,9}$/.test(value[1]!)) return NaN;
    return Number(value[1]);
  };
  const [memoryCost, timeCost, parallelism] = [cost("m"), cost("t"), cost("p")] as const;
  const isPossible = memoryCost <= largest && timeCost <= largest && memoryCost >= 8 * parallelism;
  return isPossible ? { memoryCost, timeCost, parallelism } : undefined;
}

/** Associated data is base64; whatever else there may be is ignored. */
function isReadable([name, value, ...more]: readonly string[]): boolean {
  return name !== "data" || (more.length === 0 && bytesOf(value!) >= 0);
}

/** The number of bytes in base64 without padding; -1 if it is not in canonical form. */
function bytesOf(base64: string): number {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === base64 ? bytes.length : -1;
}
