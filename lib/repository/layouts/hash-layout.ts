/** The layout `hash`: a session is a Redis HASH with one field per top-level key, and a save sends what changed. */
import type { SessionData } from "express-session";
import { codes, HoldfastError } from "../../errors/index.js";
import { defineScript } from "../../redis/index.js";
import {
  sameSettings,
  FieldChanges,
  slotOf,
  type Base,
  type Body,
  type Change,
  type Fields,
  type Snapshot,
  type Stored,
  hasUnreadable,
  isUnchanged,
  isReservedKey,
  rawText,
  stringify,
  valuesOf,
} from "../../session/index.js";
import { MergedSession } from "../saving/session-merger.js";
import type { Attempt, Draft, Layout } from "./layout.js";
import { argumentsOf, fieldsOfReply } from "../fields.js";
import { flat, groupOf, inStoredForm } from "./stored-fields.js";
import { writeWholeText, type LayoutParts } from "./json-layout.js";
import { createHashSource, replaceFieldsSource, replaceSource, replaceTextSource } from "../scripts/embedded.js";

const createScript = defineScript(createHashSource);
const replaceScript = defineScript(replaceSource);
const replaceFieldsScript = defineScript(replaceFieldsSource);
const replaceTextScript = defineScript(replaceTextSource);

export class HashLayout implements Layout {
  readonly emptyBody: Fields = Object.freeze(Object.create(null));
  readonly isExact = true;
  readonly #parts: LayoutParts;

  constructor(parts: LayoutParts) {
    this.#parts = parts;
  }

  bodyOf(session: object, base?: Base): Fields {
    const fields: Fields = Object.create(null);
    const values = valuesOf(session);
    const pristine = base?.pristine;
    const known = pristine && fieldsIn(base.view.body);
    for (const key of Object.keys(values)) {
      const before = pristine && slotOf(pristine, key);
      const isSame = before !== undefined && isUnchanged(values[key], before);
      const text = (isSame ? known![key] : undefined) ?? stringify(values[key], 1);
      if (text === undefined) continue;
      if (halfCharacter.test(key)) throw unnameable();
      fields[key] = text;
    }
    return fields;
  }

  sameBody(a: Body, b: Body): boolean {
    const [one, other] = [fieldsIn(a), fieldsIn(b)];
    for (const key in one) if (one[key] !== other[key] && key !== "cookie") return false;
    for (const key in other) if (one[key] === undefined && key !== "cookie") return false;
    return true;
  }

  /** Without a cookie it is a string: a hash without the field `cookie` counts as gone. */
  wholeOf(_session: SessionData, body: Body, cookie: string | undefined): Stored {
    return cookie === undefined
      ? { form: "json", text: asText(fieldsIn(body)) }
      : { form: "hash", fields: withCookie(fieldsIn(body), cookie) };
  }

  loadedBody(stored: Stored, data: SessionData): Fields {
    return stored.form === "json" ? this.bodyOf(data) : stored.fields; // includes the cookie, which is not compared
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#parts.commands.readFields(key);
  }

  async create(key: string, session: Snapshot, other?: string): Promise<Stored> {
    const { commands, lifetime, packing } = this.#parts;
    const expiry = lifetime.expiry(session.seconds);
    const whole = packing.written(session.whole, key);
    if (whole.form === "json") await writeWholeText(this.#parts, [key, other], rawText(whole), expiry);
    else await commands.run(createScript, key, [String(expiry), ...argumentsOf(flat(whole))], other);
    return whole;
  }

  remove(key: string): Promise<void> {
    return this.#parts.commands.remove([key]);
  }

  /** A string of the other layout waits until it is saved. */
  async renew(key: string, stored: Stored): Promise<void> {
    if (stored.form !== "hash") return;
    const { commands, packing, tracking } = this.#parts;
    const next = packing.written({ form: "hash" as const, fields: stored.fields }, key, stored);
    const { changes, count } = inStoredForm([], stored, next, packing.hasKeys);
    await commands.run(replaceFieldsScript, key, ["", tracking, count, ...argumentsOf(changes.flatMap(groupOf))]);
  }

  draft(key: string, stored: Stored): Draft {
    return stored.form === "hash"
      ? new FieldsDraft(key, stored, this, this.#parts)
      : new ConversionDraft(key, stored, this, this.#parts);
  }
}

/** A layout only receives bodies that it made itself. */
function fieldsIn(body: Body): Fields {
  if (typeof body === "string") throw new TypeError("this body belongs to the layout `json`");
  return body;
}

class FieldsDraft implements Draft {
  readonly #key: string;
  readonly #stored: Stored & { form: "hash" };
  readonly #layout: HashLayout;
  readonly #parts: LayoutParts;
  readonly #changes: FieldChanges;
  #last: Snapshot | undefined;
  #keepsEnd = true;

  constructor(key: string, stored: Stored & { form: "hash" }, layout: HashLayout, parts: LayoutParts) {
    this.#key = key;
    this.#stored = stored;
    this.#layout = layout;
    this.#parts = parts;
    this.#changes = new FieldChanges(stored.fields, parts.merger.rules);
  }

  add({ base, snapshot, keepsEnd }: Change): void {
    this.#changes.add(fieldsOf(base.view.whole, this.#layout), fieldsOf(snapshot.whole, this.#layout), {
      hasNewCookie: !sameSettings(base.view.settings, snapshot.settings),
      isReserved: snapshot.isSession ? isReservedKey : () => false,
    });
    this.#last = snapshot;
    this.#keepsEnd &&= keepsEnd;
  }

  async send(): Promise<Attempt> {
    const { commands, lifetime, packing, tracking } = this.#parts;
    const { sid, seconds, settings } = this.#last!;
    const expiry = lifetime.expiry(seconds);
    // The lifetime is refreshed no more often than by touches: an existing key already has one.
    const refresh = expiry > 0 && !this.#keepsEnd && lifetime.isRefreshDue(sid, seconds) ? String(expiry) : "";
    const stored = packing.written({ form: "hash", fields: this.#changes.fields }, this.#key, this.#stored);
    const { changes, count } = inStoredForm(this.#changes.list, this.#stored, stored, packing.hasKeys);
    const args = [refresh, tracking, count, ...argumentsOf(changes.flatMap(groupOf))];
    const reply = await commands.run(replaceFieldsScript, this.#key, args);
    if (reply === 1) {
      if (refresh !== "") lifetime.noteRefresh(sid, settings, seconds);
      return { outcome: "replaced", stored };
    }
    if (reply === 0) return { outcome: "gone" };
    if (!Array.isArray(reply)) return readAgain(this.#parts, this.#key, sid);
    return attemptOn(packing.readFields(fieldsOfReply(reply), this.#key), this.#parts, sid);
  }
}

/** The other layout wrote it as a string: it now becomes a hash. */
class ConversionDraft implements Draft {
  readonly #key: string;
  readonly #stored: Stored & { form: "json" };
  readonly #layout: HashLayout;
  readonly #parts: LayoutParts;
  readonly #session: MergedSession;

  constructor(key: string, stored: Stored & { form: "json" }, layout: HashLayout, parts: LayoutParts) {
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
    const plain = this.#session.whole((data) => layout.wholeOf(data, layout.bodyOf(data), stringify(data.cookie, 1)));
    if (!plain) return { outcome: "gone", isUnreadable: true };
    const whole = packing.written(plain, this.#key);
    const { sid, settings } = this.#session.last;
    const seconds = this.#session.seconds((data) => lifetime.seconds(data));
    const expiry = String(lifetime.expiry(seconds));
    const text = rawText(this.#stored);
    const reply =
      whole.form === "json"
        ? await commands.run(replaceScript, this.#key, [text, rawText(whole), expiry, tracking])
        : await commands.run(replaceTextScript, this.#key, [text, expiry, ...argumentsOf(flat(whole))]);
    if (reply === 1) {
      lifetime.noteRefresh(sid, settings, seconds);
      return { outcome: "replaced", stored: whole };
    }
    return reply === 0 ? { outcome: "gone" } : readAgain(this.#parts, this.#key, sid);
  }
}

async function readAgain(parts: LayoutParts, key: string, sid: string): Promise<Attempt> {
  const now = await parts.commands.readFields(key);
  return now ? attemptOn(now, parts, sid) : { outcome: "gone" };
}

/** After another request saved first. What cannot be read is no session to merge with. */
function attemptOn(stored: Stored, { codec }: LayoutParts, sid: string): Attempt {
  if (stored.form === "json" || !hasUnreadable(stored)) return { outcome: "moved", stored };
  codec.reportUnreadable(sid);
  return { outcome: "gone", isUnreadable: true };
}

/** The fields of a session that this layout split, or that was loaded as text. */
function fieldsOf(whole: Stored, layout: HashLayout): Fields {
  if (whole.form === "hash") return whole.fields;
  const data: SessionData = JSON.parse(whole.text);
  return withCookie(layout.bodyOf(data), stringify(data.cookie ?? null));
}

function asText(body: Fields): string {
  const members = Object.entries(body).map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  return `{${members.join()}}`;
}

/** Half of a surrogate pair; Redis would store a different name. */
const halfCharacter = /\p{Surrogate}/u;

function unnameable(): HoldfastError {
  return new HoldfastError(
    codes.SESSION_NOT_SERIALIZABLE,
    "The session has a key that is not well-formed Unicode (half of a surrogate pair), so it was not saved. " +
      'Do not name keys as a visitor says, or take the layout "json".',
  );
}

function withCookie(body: Fields, cookie: string): Fields {
  const fields: Fields = Object.create(null);
  fields["cookie"] = cookie;
  return Object.assign(fields, body);
}
