/** The layout `hash`: a session is a Redis HASH, one field for each top-level key, and a save sends what changed. */
import type { SessionData } from "express-session";
import { defineScript } from "../redis/index.js";
import { sameSettings } from "./cookie-settings.js";
import { planChanges, type FieldChange } from "./hash-changes.js";
import { setSlot, slotOf } from "./json.js";
import type { Attempt, Base, Body, Fields, Layout, Snapshot, Stored } from "./layout.js";
import type { LayoutParts } from "./json-layout.js";
import { isUnchanged } from "./pristine.js";
import { createHashSource, replaceFieldsSource, replaceTextSource } from "./scripts/embedded.js";
import { stringify } from "./session-text.js";

const createScript = defineScript(createHashSource);
const replaceFieldsScript = defineScript(replaceFieldsSource);
const replaceTextScript = defineScript(replaceTextSource);

export class HashLayout implements Layout {
  readonly emptyBody: Fields = Object.freeze(Object.create(null) as Fields);
  readonly #parts: LayoutParts;

  constructor(parts: LayoutParts) {
    this.#parts = parts;
  }

  bodyOf(session: object, base?: Base): Fields {
    const fields = Object.create(null) as Fields;
    const values = session as Record<string, unknown>;
    const pristine = base?.pristine;
    for (const key of Object.keys(values)) {
      if (key === "cookie") continue;
      const before = pristine && slotOf(pristine, key);
      const isSame = before !== undefined && isUnchanged(values[key], before);
      const text = isSame ? (base!.mine.body as Fields)[key] : (stringify(values[key]) as string | undefined);
      if (text !== undefined) fields[key] = text;
    }
    return fields;
  }

  sameBody(a: Body, b: Body): boolean {
    const [one, other] = [a as Fields, b as Fields];
    for (const key in one) if (one[key] !== other[key] && key !== "cookie") return false;
    for (const key in other) if (one[key] === undefined && key !== "cookie") return false;
    return true;
  }

  wholeOf(_session: SessionData, body: Body, cookie: string): Stored {
    return { form: "hash", fields: withCookie(body as Fields, cookie) };
  }

  loadedBody(stored: Stored, data: SessionData): Fields {
    return stored.form === "json" ? this.bodyOf(data) : stored.fields; // with the cookie, which does not count
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#parts.commands.readFields(key);
  }

  async create(key: string, session: Snapshot): Promise<void> {
    const { commands, lifetime } = this.#parts;
    await commands.run(createScript, key, [String(lifetime.expiry(session.seconds)), ...flat(session.whole)]);
  }

  async replace(key: string, base: Base, mine: Snapshot, stored: Stored): Promise<Attempt> {
    return stored.form === "hash"
      ? this.#replaceFields(key, base, mine, stored.fields)
      : this.#replaceText(key, base, mine, stored);
  }

  async #replaceFields(key: string, base: Base, mine: Snapshot, stored: Fields): Promise<Attempt> {
    const { commands, lifetime, merger, tracking } = this.#parts;
    const changes = planChanges(fieldsOf(base.mine.whole, this), fieldsOf(mine.whole, this), stored, {
      rules: merger.rules,
      hasNewCookie: !sameSettings(base.mine.settings, mine.settings),
    });
    const expiry = lifetime.expiry(mine.seconds);
    // The lifetime is refreshed as rarely as by touches: a key that exists has one already.
    const refresh = expiry > 0 && lifetime.isRefreshDue(mine.sid) ? String(expiry) : "";
    const reply = await commands.run(replaceFieldsScript, key, [refresh, tracking, ...changes.flatMap(argumentsOf)]);
    if (reply === 1) {
      if (refresh !== "") lifetime.noteRefresh(mine.sid, mine.settings);
      return { outcome: "replaced", stored: { form: "hash", fields: applied(stored, changes) } };
    }
    if (reply === 0) return { outcome: "gone" };
    if (Array.isArray(reply)) return { outcome: "moved", stored: { form: "hash", fields: unflat(reply) } };
    return this.#readAgain(key);
  }

  /** Another layout wrote it as a string: it becomes a hash now. */
  async #replaceText(key: string, base: Base, mine: Snapshot, stored: Stored & { form: "json" }): Promise<Attempt> {
    const { commands, lifetime, merger } = this.#parts;
    const merged = await merger.merge(mine.sid, base.mine.whole, mine.whole, stored);
    if (!merged) return { outcome: "gone" };
    const whole = this.wholeOf(merged, this.bodyOf(merged), stringify(merged.cookie));
    const expiry = String(lifetime.expiry(lifetime.seconds(merged)));
    const reply = await commands.run(replaceTextScript, key, [stored.text, expiry, ...flat(whole)]);
    if (reply === 1) {
      lifetime.noteRefresh(mine.sid, mine.settings);
      return { outcome: "replaced", stored: whole };
    }
    if (reply === 0) return { outcome: "gone" };
    return this.#readAgain(key);
  }

  async #readAgain(key: string): Promise<Attempt> {
    const now = await this.#parts.commands.readFields(key);
    return now ? { outcome: "moved", stored: now } : { outcome: "gone" };
  }
}

/** The fields of a session that this layout took apart, or that was loaded as text. */
function fieldsOf(whole: Stored, layout: HashLayout): Fields {
  if (whole.form === "hash") return whole.fields;
  const data = JSON.parse(whole.text) as SessionData;
  return withCookie(layout.bodyOf(data), stringify(data.cookie));
}

function withCookie(body: Fields, cookie: string): Fields {
  const fields = Object.create(null) as Fields;
  fields["cookie"] = cookie;
  return Object.assign(fields, body);
}

/** Groups of four, as the script reads them; no JSON text is empty, so "" stands for "not there". */
function argumentsOf({ kind, field, expected, value }: FieldChange): string[] {
  return [kind, field, expected ?? "", value ?? ""];
}

/** What Redis holds after the changes, as far as this process knows; sums may have moved further, and are never compared. */
function applied(stored: Fields, changes: readonly FieldChange[]): Fields {
  const fields = Object.assign(Object.create(null) as Fields, stored);
  for (const { kind, field, value } of changes) {
    if (value === undefined) delete fields[field];
    else fields[field] = kind === "sum" ? String(Number(stored[field] ?? 0) + Number(value)) : value;
  }
  return fields;
}

function flat(whole: Stored): string[] {
  return whole.form === "hash" ? Object.entries(whole.fields).flat() : [];
}

function unflat(reply: readonly unknown[]): Fields {
  const fields = Object.create(null) as Fields;
  for (let i = 0; i + 1 < reply.length; i += 2) setSlot(fields, String(reply[i]), String(reply[i + 1]));
  return fields;
}
