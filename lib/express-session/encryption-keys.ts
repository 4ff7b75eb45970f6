/** The option `encrypt`: where the keys come from, and which can be keys. No message ever contains one. */
import { createSecretKey, KeyObject } from "node:crypto";
import { setupInvalid } from "../errors/index.js";
import { isObject } from "../options/index.js";
import type { Encryption } from "../repository/index.js";
import { keyLength, Keyring } from "../session/index.js";

/** A key of 32 random bytes: as such (Buffer, KeyObject), or as their text in base64, base64url or hexadecimal digits. */
export type EncryptionKey = string | Uint8Array | KeyObject;

export interface EncryptionOptions {
  /**
   * The first encrypts, all decrypt: put a new key in front of the old one.
   *
   * @default the environment variable `SESSION_ENCRYPTION_KEY`: one key as text, or several with commas between them
   */
  keys?: EncryptionKey | readonly EncryptionKey[] | undefined;
  /** Whether sessions are encrypted when they are written. `false`: only those that are encrypted are decrypted. @default true */
  write?: boolean | undefined;
  /** Whether a session that is not encrypted counts as unreadable. @default false */
  onlyEncrypted?: boolean | undefined;
}

type Encrypt = boolean | EncryptionKey | readonly EncryptionKey[] | EncryptionOptions;

const variable = "SESSION_ENCRYPTION_KEY";
const how = "Make one with: openssl rand -base64 32";

/**
 * @returns undefined if nothing is encrypted
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 */
export function encryptionOf(
  option: Encrypt | null | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Encryption | undefined {
  if (option == null || option === false) return undefined;
  const options = isOptions(option) ? option : { keys: option === true ? undefined : option };
  const { keys, onlyEncrypted = false, write = true } = checkedOptions(options);
  const isGiven = keys !== undefined && keys !== null;
  return {
    keyring: new Keyring(isGiven ? keysIn(keys, "the option `encrypt`") : keysIn(textsIn(env), variable)),
    isWriting: write,
    isStrict: onlyEncrypted,
  };
}

/** Whether the environment has keys. */
export function hasEncryptionKeys(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env[variable]?.trim());
}

/** The names of the keys in the environment, which do not tell what they are; `undefined` if there are none that can be used. */
export function encryptionKeyNames(env: NodeJS.ProcessEnv = process.env): readonly string[] | undefined {
  if (!hasEncryptionKeys(env)) return undefined;
  try {
    return encryptionOf(true, env)?.keyring.names;
  } catch {
    return undefined;
  }
}

function textsIn({ [variable]: text }: NodeJS.ProcessEnv): string[] {
  if (text?.trim()) return text.split(",");
  throw setupInvalid(`The option \`encrypt\` has no keys, and the environment variable ${variable} is not set. ${how}`);
}

/** Not a promise of a key, an `ArrayBuffer` or a `CryptoKey`: without this, they would be options that name no keys. */
function isOptions(option: unknown): option is EncryptionOptions {
  return isObject(option) && !(option instanceof KeyObject) && Object.prototype.toString.call(option) === plainObject;
}

const plainObject = "[object Object]";

function checkedOptions(options: EncryptionOptions): EncryptionOptions {
  const known = ["keys", "write", "onlyEncrypted"];
  const wrong = Object.keys(options).find((name) => !known.includes(name));
  if (wrong !== undefined) {
    const name = /^[a-z]{1,20}$/i.test(wrong) ? `\`${wrong}\`` : "of that name"; // which might be a key
    throw setupInvalid(`The option \`encrypt\` has no member ${name}: it may have ${known.join(", ")}.`);
  }
  for (const name of ["write", "onlyEncrypted"] as const) {
    if (options[name] != null && typeof options[name] !== "boolean")
      throw setupInvalid(`The option \`encrypt.${name}\` must be true or false.`);
  }
  if (options.onlyEncrypted && options.write === false)
    throw setupInvalid(
      "The options `encrypt.onlyEncrypted` and `encrypt.write: false` exclude each other: what is written could not be " +
        "read.",
    );
  return { ...options, write: options.write ?? true, onlyEncrypted: options.onlyEncrypted ?? false };
}

/** @param where names the place in messages */
function keysIn(given: EncryptionKey | readonly EncryptionKey[], where: string): KeyObject[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw setupInvalid(`There is no key in ${where}. ${how}`);
  const keys = list.map((key, i) =>
    keyIn(key, list.length > 1 ? `Number ${i + 1} of the keys in ${where}` : `The key in ${where}`),
  );
  for (const [i, key] of keys.entries()) {
    const first = keys.findIndex((other) => other.equals(key));
    if (first < i) throw sameKey(first + 1, i + 1, where);
  }
  return keys;
}

/** Whoever takes an old key for a new one believes that the old one is not used any more. */
function sameKey(one: number, other: number, where: string): Error {
  return setupInvalid(
    `Number ${one} and number ${other} of the keys in ${where} are the same key. The first must be the new one, followed by ` +
      `those that were used before. ${how}`,
  );
}

function keyIn(given: unknown, which: string): KeyObject {
  const bytes = bytesOf(given);
  if (bytes?.length !== keyLength)
    throw setupInvalid(
      `${which} is ${kindOf(given, bytes)}, but must be ${keyLength} random bytes, as a Buffer or as their text in base64 ` +
        `or hexadecimal digits. ${how}`,
    );
  if (isGuessable(bytes))
    throw setupInvalid(
      `${which} is not random: it looks like ${looksOf(bytes)}, which can be guessed by whoever has a copy of Redis. ${how}`,
    );
  return createSecretKey(bytes);
}

function bytesOf(given: unknown): Uint8Array | undefined {
  if (given instanceof KeyObject) return given.type === "secret" ? given.export() : undefined;
  if (ArrayBuffer.isView(given)) return Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (typeof given !== "string") return undefined;
  const text = given.trim();
  if (/^[\da-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  // Without both cases it is hardly random: once in a billion times.
  if (/^(?=.*[a-z])(?=.*[A-Z])[\w+/-]{43}=?$/.test(text)) return Buffer.from(text, "base64");
  return Buffer.from(text);
}

/** 32 random bytes are all printable once in 10^13 times, and hardly ever so few different ones. */
function isGuessable(bytes: Uint8Array): boolean {
  return new Set(bytes).size < 12 || isPrintable(bytes);
}

function looksOf(bytes: Uint8Array): string {
  if (new Set(bytes).size === 1) return "an empty Buffer";
  return isPrintable(bytes) ? "a password" : "a few bytes, repeated";
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

function textual(text: string): string {
  if (text === "") return "empty";
  const quotes = /^["']|["']$/.test(text) ? " with quotation marks around it" : "";
  return `a text of length ${text.length}${quotes}`;
}

function kindOf(given: unknown, bytes: Uint8Array | undefined): string {
  if (given === undefined || given === null) return String(given);
  if (typeof given === "string") return textual(given.trim());
  if (given instanceof Promise) return "a promise";
  if (bytes) return `${bytes.length} bytes long`;
  return typeof given === "object" ? "an object of another kind" : `a ${typeof given}`;
}
