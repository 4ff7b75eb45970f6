/** The layout `json`: a session is one string, as connect-redis writes it. */
import type { SessionData } from "express-session";
import { defineScript } from "../redis/index.js";
import type { Lifetime } from "./lifetime.js";
import type { Attempt, Base, Body, Fields, Layout, Snapshot, Stored } from "./layout.js";
import { replaceHashSource, replaceSource } from "./scripts/embedded.js";
import { hasSameKeys } from "./pristine.js";
import type { SessionCodec } from "./session-codec.js";
import type { SessionCommands } from "./session-commands.js";
import type { SessionMerger } from "./session-merger.js";
import { bodyOf, splitText } from "./session-text.js";

const replaceScript = defineScript(replaceSource);
const replaceHashScript = defineScript(replaceHashSource);

export interface LayoutParts {
  commands: SessionCommands;
  codec: SessionCodec;
  lifetime: Lifetime;
  merger: SessionMerger;
  /** "1" if scripts are to go on with the tracking of the keys that they change, for a near cache. */
  tracking: "0" | "1";
}

export class JsonLayout implements Layout {
  readonly emptyBody = "{}";
  readonly #parts: LayoutParts;

  constructor(parts: LayoutParts) {
    this.#parts = parts;
  }

  bodyOf(session: object, base?: Base): string {
    if (base?.pristine && hasSameKeys(session, base.pristine, "cookie")) return base.mine.body as string;
    return bodyOf(session);
  }

  sameBody(a: Body, b: Body): boolean {
    return a === b;
  }

  wholeOf(session: SessionData, body: Body, cookie: string): Stored {
    return { form: "json", text: this.#parts.codec.stringify(session, body as string, cookie) };
  }

  loadedBody(stored: Stored, data: SessionData): string {
    const isText = stored.form === "json" && this.#parts.codec.isJson;
    return (isText ? splitText(stored.text)?.body : undefined) ?? bodyOf(data);
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#parts.commands.readText(key);
  }

  create(key: string, session: Snapshot): Promise<void> {
    const { commands, lifetime } = this.#parts;
    return commands.writeText(key, textOf(session.whole), lifetime.expiry(session.seconds));
  }

  async replace(key: string, base: Base, mine: Snapshot, stored: Stored): Promise<Attempt> {
    const { commands, lifetime } = this.#parts;
    const next = await this.#next(base, mine, stored);
    if (!next) return { outcome: "gone" };
    const expiry = String(lifetime.expiry(next.seconds));
    const reply =
      stored.form === "json"
        ? await commands.run(replaceScript, key, [stored.text, next.text, expiry, this.#parts.tracking])
        : await commands.run(replaceHashScript, key, [next.text, expiry, ...flat(stored.fields)]);
    if (reply === 1) {
      lifetime.noteRefresh(mine.sid, mine.settings);
      return { outcome: "replaced", stored: { form: "json", text: next.text } };
    }
    if (reply === 0) return { outcome: "gone" };
    if (typeof reply === "string" || Buffer.isBuffer(reply)) {
      return { outcome: "moved", stored: { form: "json", text: String(reply) } };
    }
    const now = await commands.readText(key); // it changed its form meanwhile
    return now ? { outcome: "moved", stored: now } : { outcome: "gone" };
  }

  /** The text to write: mine, or, where others wrote since, mine merged onto theirs. */
  async #next(base: Base, mine: Snapshot, stored: Stored): Promise<{ text: string; seconds: number } | undefined> {
    if (sameText(base.mine.whole, stored)) return { text: textOf(mine.whole), seconds: mine.seconds };
    const { codec, lifetime, merger } = this.#parts;
    const merged = await merger.merge(mine.sid, base.mine.whole, mine.whole, stored);
    if (!merged) return undefined;
    const text = codec.stringify(merged, bodyOf(merged), JSON.stringify(merged.cookie));
    return { text, seconds: lifetime.seconds(merged) };
  }
}

function textOf(whole: Stored): string {
  return whole.form === "json" ? whole.text : "";
}

/** What this request began with is what is stored; if that is a hash, it is compared when it is replaced. */
function sameText(began: Stored, stored: Stored): boolean {
  return began === stored || (began.form === "json" && stored.form === "json" && began.text === stored.text);
}

function flat(fields: Fields): string[] {
  return Object.entries(fields).flat();
}
