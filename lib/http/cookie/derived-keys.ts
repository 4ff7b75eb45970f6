/** Keys derived from the session secrets, for signing something else without passing the secrets around. */
import { createSecretKey, hkdfSync, KeyObject } from "node:crypto";
import { isUsable, type Secret } from "./secrets.js";

/** One key per secret, in the same order. Keys for different purposes are independent of each other (RFC 5869). */
export function derivedKeys(secrets: readonly Secret[], purpose: string): Buffer[] {
  return secrets
    .filter(isUsable)
    .map((secret) => Buffer.from(hkdfSync("sha256", keyOf(secret), "", `holdfast ${purpose}`, 32)));
}

function keyOf(secret: Secret): KeyObject {
  if (secret instanceof KeyObject) return secret;
  return typeof secret === "string" ? createSecretKey(secret, "utf8") : createSecretKey(Buffer.from(bytesOf(secret)));
}

function bytesOf(secret: NodeJS.ArrayBufferView | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}
