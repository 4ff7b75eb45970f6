/**
 * A session's values as JSON for people, as long as they can read. What is left out is counted where it is missing, so
 * that one huge value does not hide the others. Secrets are masked as in `masked`, but only what is written is looked at:
 * a session of megabytes takes as long as a small one. Pure.
 */
import { isObject } from "../../options/index.js";
import type { Json, JsonObject } from "../../session/index.js";
import { visibleJson } from "../visible.js";
import { hidden, isHidden, maskedText } from "./mask.js";

export interface Excerpt {
  readonly text: string;
  /** Whether it is all of it. */
  readonly isWhole: boolean;
}

/** Characters: less is not worth another line. */
const leastShare = 60;
/** The next members of a list or an object get an equal share of what is left. */
const sharers = 10;
/** Characters: where many are left, fewer whole ones say more than many pieces. */
const leastOfMany = 250;
/** Characters of an escape. */
const mostEscaped = 6;

/**
 * @param sid the session's id, which is hidden wherever it occurs
 * @param most characters, roughly
 */
export function excerptOf(values: JsonObject, sid: string, most: number): Excerpt {
  const whole = new Writer(sid, most);
  whole.write(values, Infinity, "");
  if (!whole.isFull) return { text: whole.text, isWhole: true };
  const excerpt = new Writer(sid, Infinity);
  excerpt.write(values, most, "");
  return { text: excerpt.text, isWhole: false };
}

class Writer {
  text = "";
  readonly #sid: string;
  /** Characters after which it is not worth going on. */
  readonly #limit: number;

  constructor(sid: string, limit: number) {
    this.#sid = sid;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.text.length > this.#limit;
  }

  /** @param end where in the text it should end */
  write(value: Json, end: number, indent: string): void {
    if (typeof value === "string") this.#writeString(value, end);
    else if (Array.isArray(value)) this.#writeList(value, end, indent);
    else if (typeof value === "object" && value !== null) this.#writeObject(value, end, indent);
    else this.text += String(value); // a number, true, false, null; or what only the app's own serializer knows
  }

  #writeString(whole: string, end: number): void {
    if (whole.length > this.#limit) return void (this.text = whole); // full
    const text = maskedText(whole, this.#sid);
    let most = Math.max(end - this.text.length, leastShare);
    let json = visibleJson(text.slice(0, most));
    if (json.length > 2 * most) json = visibleJson(text.slice(0, (most = Math.ceil(most / mostEscaped))));
    this.text += text.length > most ? `${json} … ${counted(text.length - most, "more character")}` : json;
  }

  #writeList(list: readonly Json[], end: number, indent: string): void {
    const size = { length: list.length, name: "item" };
    this.#writeMembers("[]", size, end, indent, (at, until, inner) => this.write(list[at]!, until, inner));
  }

  #writeObject(object: JsonObject, end: number, indent: string): void {
    const keys = Object.keys(object);
    const isSession = indent === "";
    this.#writeMembers("{}", { length: keys.length, name: "key" }, end, indent, (at, until, inner) => {
      const key = keys[at]!;
      const value = object[key]!;
      this.#writeString(key, until);
      this.text += ": ";
      const isSettings = isSession && key === "cookie" && isObject(value);
      this.write(!isSettings && isHidden(key, value) ? hidden : value, until, inner);
    });
  }

  #writeMembers(
    [open, close]: string,
    { length, name }: { length: number; name: string },
    end: number,
    indent: string,
    writeMember: (at: number, end: number, indent: string) => void,
  ): void {
    if (length === 0) return void (this.text += `${open}${close}`);
    if (end - this.text.length < leastShare) return void (this.text += `${open} … ${counted(length, name)} ${close}`);
    const inner = `${indent}  `;
    this.text += open;
    for (let at = 0; at < length && !this.isFull; at++) {
      this.text += `${at === 0 ? "" : ","}\n${inner}`;
      const left = length - at;
      const share = (end - this.text.length) / Math.min(sharers, left);
      if (at > 0 && share < (left > sharers ? leastOfMany : leastShare)) {
        this.text += `… ${counted(left, `more ${name}`)}`;
        break;
      }
      writeMember(at, this.text.length + Math.floor(share), inner);
    }
    this.text += `\n${indent}${close}`;
  }
}

function counted(count: number, one: string): string {
  return `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
}
