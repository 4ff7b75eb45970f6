/** The option `compress`: which form a session gets when it is written. Either form is read, whatever the option says. */
import { fieldsAsRead, packed, type Fields, type Stored, textAsRead, unpacked } from "../session/index.js";
import { RecentTexts } from "./recent-texts.js";

export class Packing {
  readonly #threshold: number | undefined;
  readonly #isJson: boolean;
  readonly #decompress: (raw: string) => string;
  /** What was decompressed or compressed before, so that a visitor's next request does not decompress it again. */
  readonly #texts = new RecentTexts();
  /** What does not get smaller. */
  readonly #stubborn = new RecentTexts();

  /**
   * @param threshold bytes of a text from which on it is compressed; `undefined` for never
   * @param isJson whether strings are JSON, and not the text of the app's own serializer
   */
  constructor(threshold: number | undefined, isJson: boolean, decompress = unpacked) {
    this.#decompress = decompress;
    this.#threshold = threshold;
    this.#isJson = isJson;
  }

  readText(raw: string): Stored {
    return this.#isJson ? textAsRead(raw, this.#unpack) : { form: "json", text: raw };
  }

  readFields(raw: Fields): Stored {
    return fieldsAsRead(raw, this.#unpack);
  }

  /** A text in the form in which it is to be written. */
  writtenText(text: string): string {
    return (this.#threshold === undefined ? undefined : this.#packed(text)) ?? text;
  }

  /**
   * A session in the form in which it is to be written.
   *
   * @param before what it replaces, whose fields need not be compressed again
   */
  written<S extends Stored>(session: S, before?: Stored): S;
  written(session: Stored, before?: Stored): Stored {
    if (this.#threshold === undefined) return session;
    if (session.form === "json") {
      const text = this.#packed(session.text);
      return text === undefined ? session : { ...session, packed: text };
    }
    const { fields } = session;
    const inRedis: Fields = Object.create(null);
    let hasPacked = false;
    for (const name in fields) {
      const isSame = before?.form === "hash" && before.fields[name] === fields[name];
      const text = this.#packed(fields[name]!, isSame ? before.packed?.[name] : undefined);
      if (text === undefined) continue;
      inRedis[name] = text;
      hasPacked = true;
    }
    return hasPacked ? { form: "hash", fields, packed: inRedis } : session;
  }

  #packed(text: string, known?: string): string | undefined {
    if (text.length * 3 < this.#threshold! || this.#stubborn.get(text) !== undefined) return undefined;
    if (known !== undefined && Buffer.byteLength(text) >= this.#threshold!) return known;
    const result = packed(text, this.#threshold!);
    if (result !== undefined) this.#texts.add(result, text);
    else if (Buffer.byteLength(text) >= this.#threshold!) this.#stubborn.add(text, "");
    return result;
  }

  readonly #unpack = (raw: string): string => {
    const known = this.#texts.get(raw);
    if (known !== undefined) return known;
    const text = this.#decompress(raw);
    this.#texts.add(raw, text);
    return text;
  };
}
