/**
 * The options `compress` and `encrypt`: which form a session gets when it is written. Each form is read, whatever the
 * options say, except that what is encrypted needs its key. A text is compressed first, then encrypted.
 */
import { codes, sessionDigest, warnOnce } from "../errors/index.js";
import {
  asPacked,
  compressed,
  fieldsAsRead,
  hasUnreadable,
  isEncrypted,
  isPacked,
  rawFields,
  rawText,
  textAsRead,
  unpacked,
  unreadable,
  type Decode,
  type Fields,
  type Keyring,
  type SessionCipher,
  type Stored,
} from "../session/index.js";
import { RecentTexts } from "./recent-texts.js";

/** How sessions are encrypted. */
export interface Encryption {
  readonly keyring: Keyring;
  /** Whether what is written is encrypted; else, only what is stored encrypted is decrypted. */
  readonly isWriting: boolean;
  /** Whether what is not encrypted counts as unreadable. */
  readonly isStrict: boolean;
}

export interface EncryptionFacts {
  /** Whether what is written is encrypted. */
  readonly isWriting: boolean;
  /** The names of the keys, which do not tell what they are. */
  readonly keys: readonly string[];
}

export interface PackingOptions {
  /** Bytes of a text from which on it is compressed; `undefined` for never. */
  readonly threshold?: number | undefined;
  /** Whether strings are JSON, and not the text of the app's own serializer. */
  readonly isJson: boolean;
  readonly encryption?: Encryption | undefined;
  /** The prefix of each key. */
  readonly prefix: string;
}

/** Converts a text into its stored form; `undefined` if it stays as it is. `known`: what Redis has for the same text. */
type Encode = (text: string, field?: string, known?: string) => string | undefined;

export class Packing {
  readonly #options: PackingOptions;
  readonly #decompress: (raw: string) => string;
  /** Whether anything is written in another form than it has. */
  readonly #isWriting: boolean;
  /** What was read or written before in another form, so that a visitor's next request does not convert it again. */
  readonly #texts: RecentTexts;
  /** What does not get smaller. */
  readonly #stubborn = new RecentTexts();

  /** @param capacity characters that are remembered */
  constructor(options: PackingOptions, decompress = unpacked, capacity?: number) {
    const { encryption, threshold } = options;
    this.#options = options;
    this.#decompress = decompress;
    this.#isWriting = threshold !== undefined || encryption?.isWriting === true;
    this.#texts = new RecentTexts(capacity);
  }

  /** The same for many sessions, of which none is remembered. */
  forMany(): Packing {
    return new Packing(this.#options, this.#decompress, 0);
  }

  /** What others may know of the encryption; `undefined` without keys. */
  get encryption(): EncryptionFacts | undefined {
    const { encryption } = this.#options;
    return encryption && { isWriting: encryption.isWriting, keys: encryption.keyring.names };
  }

  /** Whether what is encrypted can be read, and so may be written by other processes. */
  get hasKeys(): boolean {
    return this.#options.encryption !== undefined;
  }

  /** Whether it is to be encrypted, or no longer, or with another key; and can be read. */
  isOutdated(stored: Stored): boolean {
    const { encryption } = this.#options;
    if (!encryption) return false;
    const isJson = stored.form === "json";
    if (isJson ? isPacked(stored.text) : hasUnreadable(stored)) return false;
    const values = isJson ? [rawText(stored)] : Object.values(rawFields(stored));
    const { isWriting, keyring } = encryption;
    return values.some((raw) => (isWriting ? !keyring.isNewest(raw) : isEncrypted(raw)));
  }

  /** Whether even what looks like JSON may have to be refused. */
  get isStrict(): boolean {
    return this.#options.encryption?.isStrict === true;
  }

  readText(raw: string, key: string): Stored {
    const { encryption, isJson } = this.#options;
    if (encryption) return textAsRead(raw, this.#decoder(key, encryption));
    return isJson ? textAsRead(raw, this.#decode) : { form: "json", text: raw };
  }

  readFields(raw: Fields, key: string): Stored {
    const { encryption } = this.#options;
    return fieldsAsRead(raw, encryption ? this.#decoder(key, encryption) : this.#decode);
  }

  /** A text in the form in which it is to be written. */
  writtenText(text: string, key: string): string {
    return (this.#isWriting ? this.#encoder(key)(text) : undefined) ?? text;
  }

  /**
   * A session in the form in which it is to be written.
   *
   * @param before what it replaces, whose fields need not be compressed or encrypted again
   */
  written<S extends Stored>(session: S, key: string, before?: Stored): S;
  written(session: Stored, key: string, before?: Stored): Stored {
    if (!this.#isWriting) return session;
    const encode = this.#encoder(key);
    if (session.form === "json") {
      const text = encode(session.text);
      return text === undefined ? session : { ...session, packed: text };
    }
    const { fields } = session;
    const inRedis: Fields = Object.create(null);
    let hasPacked = false;
    for (const name in fields) {
      const isSame = before?.form === "hash" && before.fields[name] === fields[name];
      const text = encode(fields[name]!, name, isSame ? before.packed?.[name] : undefined);
      if (text === undefined) continue;
      inRedis[name] = text;
      hasPacked = true;
    }
    return hasPacked ? { form: "hash", fields, packed: inRedis } : session;
  }

  /** What Redis may hold for a text that another store has. Nobody can tell how it was encrypted. */
  guessed(text: string, key: string): Stored & { form: "json" } {
    return this.#options.encryption?.isWriting ? { form: "json", text } : this.written({ form: "json", text }, key);
  }

  // ---- compressed -----------------------------------------------------------------------------------------------------

  readonly #decode: Decode = (raw) => {
    if (!isPacked(raw)) return raw;
    const known = this.#texts.get(raw);
    if (known !== undefined) return known;
    try {
      const text = this.#decompress(raw);
      this.#texts.add(raw, text);
      return text;
    } catch {
      if (isEncrypted(raw)) warnOfUnknownKey();
      return raw;
    }
  };

  #packed(text: string, known: string | undefined): string | undefined {
    const { threshold } = this.#options;
    const isKnown = known !== undefined && !isEncrypted(known);
    if (isKnown && threshold !== undefined && Buffer.byteLength(text) >= threshold) return known;
    const bytes = this.#compressed(text);
    const raw = bytes && asPacked(bytes);
    if (raw !== undefined) this.#texts.add(raw, text);
    return raw;
  }

  #compressed(text: string): Buffer | undefined {
    const { threshold } = this.#options;
    if (threshold === undefined || text.length * 3 < threshold || this.#stubborn.get(text) !== undefined)
      return undefined;
    const bytes = compressed(text, threshold);
    if (bytes === undefined && Buffer.byteLength(text) >= threshold) this.#stubborn.add(text, "");
    return bytes;
  }

  // ---- encrypted ------------------------------------------------------------------------------------------------------

  #encoder(key: string): Encode {
    const { encryption } = this.#options;
    if (!encryption?.isWriting) return (text, _field, known) => this.#packed(text, known);
    const { keyring } = encryption;
    let cipher: SessionCipher | undefined;
    return (text, field, known) => {
      if (known !== undefined && keyring.isNewest(known)) return known;
      const raw = (cipher ??= this.#cipherOf(key, keyring)).encrypt(this.#compressed(text) ?? text, field);
      this.#texts.add(memoOf(key, field, raw), text);
      return raw;
    };
  }

  #decoder(key: string, { isStrict, keyring }: Encryption): Decode {
    const { isJson } = this.#options;
    let cipher: SessionCipher | undefined;
    return (raw, field) => {
      if (!isEncrypted(raw)) {
        if (isStrict) return refused();
        return isJson ? this.#decode(raw) : raw;
      }
      const memo = memoOf(key, field, raw);
      const known = this.#texts.get(memo);
      if (known !== undefined) return known;
      const text = (cipher ??= this.#cipherOf(key, keyring)).decrypt(raw, field);
      if (text !== undefined) {
        this.#texts.add(memo, text);
        return text;
      }
      if (keyring.knows(raw)) return unreadable;
      if (isJson) warnOfUnknownKey();
      // Perhaps it is what the app's own serializer makes.
      return isJson || isStrict ? unreadable : raw;
    };
  }

  /** By a hash of the id, which is also known where the id itself is not. */
  #cipherOf(key: string, keyring: Keyring): SessionCipher {
    const { prefix } = this.#options;
    return keyring.of(prefix + sessionDigest(key.slice(prefix.length)));
  }
}

/** What is remembered of an encrypted value holds only for its place, too. */
function memoOf(key: string, field: string | undefined, raw: string): string {
  return field === undefined ? `${key.length}:${key}${raw}` : `${key.length}:${key}/${field}/${raw}`;
}

function refused(): string {
  warnOnce(
    codes.NOT_ENCRYPTED,
    "Redis holds sessions that are not encrypted, which the option `encrypt.onlyEncrypted` refuses, so their visitors are " +
      "treated as having none. They were left in place. If this option was set too early, take it out: they are found " +
      "again. Else, somebody without a key wrote them.",
  );
  return unreadable;
}

function warnOfUnknownKey(): void {
  warnOnce(
    codes.ENCRYPTION_KEY_UNKNOWN,
    "Redis holds sessions that are encrypted with a key that this process does not have, so their visitors are treated " +
      "as having none. They were left in place. Put that key into the option `encrypt`, after the new one.",
  );
}
