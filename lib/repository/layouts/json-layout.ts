/** The layout `json`: a session is one string, as connect-redis writes it. */
import type { SessionData } from "express-session";
import { defineScript } from "../../redis/index.js";
import { argumentsOf, listOf } from "../fields.js";
import {
  type Lifetime,
  type Base,
  type Body,
  type Change,
  type Snapshot,
  type Stored,
  emptyTail,
  hasSameKeys,
  rawFields,
  rawText,
  splitText,
  stringify,
  tailOf,
} from "../../session/index.js";
import { MergedSession, type SessionMerger } from "../saving/session-merger.js";
import type { Attempt, Draft, Layout } from "./layout.js";
import { putSource, replaceHashSource, replaceSource } from "../scripts/embedded.js";
import type { Packing } from "../packing.js";
import type { SessionCodec } from "../session-codec.js";
import type { SessionCommands } from "../session-commands.js";

const putScript = defineScript(putSource);
const replaceScript = defineScript(replaceSource);
const replaceHashScript = defineScript(replaceHashSource);

export interface LayoutParts {
  commands: SessionCommands;
  codec: SessionCodec;
  packing: Packing;
  lifetime: Lifetime;
  merger: SessionMerger;
  /** "1" if scripts keep tracking the keys that they change, for a near cache. */
  tracking: "0" | "1";
}

export class JsonLayout implements Layout {
  readonly emptyBody = emptyTail;
  readonly isExact: boolean;
  readonly #parts: LayoutParts;

  constructor(parts: LayoutParts) {
    this.#parts = parts;
    this.isExact = parts.codec.isJson;
  }

  bodyOf(session: object, base?: Base): string {
    if (base?.pristine && hasSameKeys(session, base.pristine, "cookie")) return textIn(base.view.body);
    return tailOf(session);
  }

  sameBody(a: Body, b: Body): boolean {
    return a === b;
  }

  wholeOf(session: SessionData, body: Body, cookie: string | undefined): Stored {
    return { form: "json", text: this.#parts.codec.stringify(session, textIn(body), cookie) };
  }

  loadedBody(stored: Stored, data: SessionData): string {
    const isText = stored.form === "json" && this.#parts.codec.isJson;
    return (isText ? splitText(stored.text)?.tail : undefined) ?? tailOf(data);
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#parts.commands.readText(key);
  }

  async create(key: string, session: Snapshot, other?: string): Promise<Stored> {
    const { lifetime, packing } = this.#parts;
    const whole = packing.written(session.whole, key);
    await writeWholeText(this.#parts, [key, other], textOf(whole), lifetime.expiry(session.seconds));
    return whole;
  }

  remove(key: string): Promise<void> {
    return this.#parts.commands.remove([key]);
  }

  /** A hash of the other layout waits until it is saved. */
  async renew(key: string, stored: Stored): Promise<void> {
    if (stored.form !== "json") return;
    const { commands, packing, tracking } = this.#parts;
    const text = packing.writtenText(stored.text, key);
    await commands.run(replaceScript, key, [rawText(stored), text, "", tracking]);
  }

  draft(key: string, stored: Stored): Draft {
    return new TextDraft(key, stored, this, this.#parts);
  }
}

class TextDraft implements Draft {
  readonly #key: string;
  readonly #stored: Stored;
  readonly #layout: JsonLayout;
  readonly #parts: LayoutParts;
  readonly #session: MergedSession;

  constructor(key: string, stored: Stored, layout: JsonLayout, parts: LayoutParts) {
    this.#key = key;
    this.#stored = stored;
    this.#layout = layout;
    this.#parts = parts;
    this.#session = new MergedSession(parts.merger, stored);
  }

  add(change: Change): Promise<void> | void {
    return this.#session.add(change);
  }

  async send(): Promise<Attempt> {
    const { commands, lifetime, packing, tracking } = this.#parts;
    const layout = this.#layout;
    const plain = this.#session.whole((data) => layout.wholeOf(data, tailOf(data), stringify(data.cookie, 1)));
    if (!plain) return { outcome: "gone", isUnreadable: true };
    const [stored, key] = [this.#stored, this.#key];
    const whole = packing.written(plain, key);
    const text = textOf(whole);
    const seconds = this.#session.seconds((data) => lifetime.seconds(data));
    const expiry = String(lifetime.expiry(seconds));
    const end = this.#session.keepsEnd ? "" : expiry;
    const reply =
      stored.form === "json"
        ? await commands.run(replaceScript, key, [rawText(stored), text, end, tracking])
        : await commands.run(replaceHashScript, key, [text, expiry, ...argumentsOf(listOf(rawFields(stored)))]);
    if (reply === 1) {
      if (end !== "") lifetime.noteRefresh(this.#session.last.sid, this.#session.last.settings, seconds);
      return { outcome: "replaced", stored: whole };
    }
    if (reply === 0) return { outcome: "gone" };
    if (typeof reply === "string" || Buffer.isBuffer(reply)) {
      return { outcome: "moved", stored: packing.readText(String(reply), key) };
    }
    const now = await commands.readText(key); // its form changed meanwhile
    return now ? { outcome: "moved", stored: now } : { outcome: "gone" };
  }
}

/** Whatever is under the two keys. `expiry` in seconds; 0 for no expiry. */
export async function writeWholeText(
  { commands }: LayoutParts,
  [key, other]: readonly [key: string, other: string | undefined],
  text: string,
  expiry: number,
): Promise<void> {
  if (other === undefined) await commands.writeText(key, text, expiry);
  else await commands.run(putScript, key, [text, String(expiry)], other);
}

function textOf(whole: Stored): string {
  return whole.form === "json" ? rawText(whole) : "";
}

/** A layout only receives bodies that it made itself. */
function textIn(body: Body): string {
  if (typeof body !== "string") throw new TypeError("this body belongs to the layout `hash`");
  return body;
}
