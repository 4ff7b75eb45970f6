/**
 * Compressed JSON as Redis holds it: a marker that no JSON begins with, then base64, because clients return text. It is
 * zlib's format, whose checksum tells a damaged text from one that says something else. Pure.
 */
import { deflateSync, inflateSync } from "node:zlib";
import { dictionary } from "./packing-dictionary.js";

/** Of this format with this dictionary. */
const marker = "~1";

/** Shorter texts hardly get smaller. */
const shortest = 64;
/** Longer texts would hold up all other requests while they are compressed; and nothing expands to more than this. */
export const longestPacked = 1024 * 1024;

/** Whether it is in another form than text: compressed, or encrypted. No JSON begins like that. */
export function isPacked(raw: string): boolean {
  return raw.charCodeAt(0) === 0x7e; /* ~ */
}

/** The bytes; `undefined` if they would not be fewer in base64, or the text has not `threshold` bytes, or is too long. */
export function compressed(text: string, threshold: number): Buffer | undefined {
  if (text.length * 3 < threshold) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes < Math.max(threshold, shortest) || bytes > longestPacked) return undefined;
  // Less memory to set up for what is usually a few kilobytes.
  const isSmall = bytes <= 8192 - dictionary.length;
  const sizes = isSmall ? { windowBits: 13, chunkSize: 4096 } : {};
  const result = deflateSync(text, { dictionary, ...sizes });
  return marker.length + Math.ceil(result.length / 3) * 4 < bytes ? result : undefined;
}

/** @throws whatever is wrong with them */
export function decompressed(bytes: Uint8Array): string {
  const chunkSize = bytes.length < 2048 ? 4096 : 16384;
  return inflateSync(bytes, { dictionary, chunkSize, maxOutputLength: longestPacked }).toString();
}

/** The text of compressed bytes. */
export function asPacked(bytes: Buffer): string {
  return marker + bytes.toString("base64");
}

/** The same as one step; `undefined` as for `compressed`. */
export function packed(text: string, threshold: number): string | undefined {
  const bytes = compressed(text, threshold);
  return bytes && asPacked(bytes);
}

/** @throws whatever is wrong with it */
export function unpacked(raw: string): string {
  if (!raw.startsWith(marker)) throw new TypeError("not compressed in this format");
  return decompressed(Buffer.from(raw.slice(marker.length), "base64"));
}
