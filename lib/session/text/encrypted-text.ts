/**
 * Encrypted text as Redis holds it: a marker that no JSON begins with, the name of the app's key, and in base64url the
 * nonce, the tag and the ciphertext of AES-256-GCM. Each session has a key of its own, derived from the app's: so a value
 * that was copied to another session does not decrypt, and however many sessions there are, no key encrypts so often that
 * random nonces repeat. Marker, name and field are authenticated. Pure.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, type KeyObject } from "node:crypto";
import { decompressed } from "./packed-text.js";

/** What was encrypted: a text, or the bytes of a compressed one. */
const ofText = "~2";
const ofCompressed = "~3";

const algorithm = "aes-256-gcm";
/** Bytes of a key. */
export const keyLength = 32;
const nonceLength = 12;
const tagLength = 16;
const sealLength = nonceLength + tagLength;
/** Characters of the marker and the key's name. */
const headLength = 2 + 4;

/** Whether it looks like an encrypted text, with whatever key. */
export function isEncrypted(raw: string): boolean {
  const isMarked = raw.charCodeAt(0) === 0x7e && (raw.charCodeAt(1) === 0x32 || raw.charCodeAt(1) === 0x33);
  return isMarked && raw.length > headLength + sealLength;
}

/** The name of the key with which it was encrypted; `undefined` if it does not look like that. */
export function encryptionKeyOf(raw: string): string | undefined {
  return isEncrypted(raw) ? raw.slice(2, headLength) : undefined;
}

/** A key, and the name that tells it from others without telling what it is. */
interface NamedKey {
  readonly name: string;
  readonly key: KeyObject;
}

/** The keys of an app: the first encrypts, all decrypt. */
export class Keyring {
  readonly #keys: readonly NamedKey[];

  /** @param keys one or more, each of `keyLength` bytes */
  constructor(keys: readonly KeyObject[]) {
    this.#keys = keys.map((key) => ({ name: nameOf(key), key }));
  }

  /** What tells the keys apart, without telling what they are. */
  get names(): string[] {
    return this.#keys.map(({ name }) => name);
  }

  /** @param session which one it is; nobody else's values can be decrypted with the result */
  of(session: string): SessionCipher {
    return new SessionCipher(this.#keys, session);
  }

  /** Whether it says to be encrypted with one of these keys. */
  knows(raw: string): boolean {
    return this.#keys.some(({ name }) => raw.startsWith(name, 2));
  }

  /** Whether it says to be encrypted with the key that encrypts. */
  isNewest(raw: string): boolean {
    return isEncrypted(raw) && raw.startsWith(this.#keys[0]!.name, 2);
  }
}

/** Encrypts and decrypts the values of one session. */
export class SessionCipher {
  readonly #keys: readonly NamedKey[];
  readonly #session: string;
  /** Derived when they are needed. */
  readonly #own: Buffer[] = [];

  constructor(keys: readonly NamedKey[], session: string) {
    this.#keys = keys;
    this.#session = session;
  }

  /** @param field what else must be the same when it is decrypted */
  encrypt(content: string | Uint8Array, field?: string): string {
    const head = (typeof content === "string" ? ofText : ofCompressed) + this.#keys[0]!.name;
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv(algorithm, this.#keyAt(0), nonce, { authTagLength: tagLength });
    cipher.setAAD(inPlace(head, field));
    const encrypted = typeof content === "string" ? cipher.update(content, "utf8") : cipher.update(content);
    cipher.final(); // nothing is left: this mode encrypts byte by byte
    return head + Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString("base64url");
  }

  /** `undefined` if it was encrypted with another key, for another session or field, or was changed. */
  decrypt(raw: string, field?: string): string | undefined {
    for (const [i, { name }] of this.#keys.entries()) {
      const text = raw.startsWith(name, 2) ? decrypted(raw, field, this.#keyAt(i)) : undefined;
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #keyAt(i: number): Buffer {
    return (this.#own[i] ??= createHmac("sha256", this.#keys[i]!.key).update(this.#session).digest());
  }
}

function decrypted(raw: string, field: string | undefined, key: Buffer): string | undefined {
  const encoded = raw.slice(headLength);
  const bytes = Buffer.from(encoded, "base64url");
  // Several texts stand for the same bytes; only one of them is what was written.
  if (bytes.length < sealLength || bytes.toString("base64url") !== encoded) return undefined;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceLength), { authTagLength: tagLength });
  decipher.setAAD(inPlace(raw.slice(0, headLength), field));
  decipher.setAuthTag(bytes.subarray(nonceLength, sealLength));
  try {
    const content = decipher.update(bytes.subarray(sealLength));
    decipher.final();
    return raw.startsWith(ofCompressed) ? decompressed(content) : content.toString();
  } catch {
    return undefined;
  }
}

/** What is authenticated beside the content. */
function inPlace(head: string, field: string | undefined): Buffer {
  return Buffer.from(field === undefined ? head : `${head}/${field}`);
}

/** Not secret: it confirms a guessed key, and 32 random bytes cannot be guessed. */
function nameOf(key: KeyObject): string {
  return createHmac("sha256", key).update("the name of this key").digest("base64url").slice(0, 4);
}
