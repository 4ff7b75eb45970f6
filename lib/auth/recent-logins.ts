/**
 * Whose sessions this process has seen lately, so that the check of a login can be sent together with the reading of its
 * session: one round trip for both. Where it guesses wrong, the check is sent again.
 */
import type { Standing } from "./device-list.js";
import type { LoginRecord } from "./login-record.js";

/** Those longest unseen are forgotten first, which costs each of them one more round trip, once. */
const capacity = 10_000;

/** As much of a record as the check needs. */
interface Known extends Pick<LoginRecord, "device" | "epoch"> {
  readonly userId: string;
}

interface Expected extends Known {
  readonly standing: Promise<Standing>;
  /** Milliseconds. */
  readonly askedAt: number;
}

/** Milliseconds. An answer from before a body was read that took its time says nothing of now. */
const freshFor = 500;

export class RecentLogins {
  readonly #bySession = new Map<string, Known>();
  readonly #expected = new WeakMap<object, Expected>();

  note(sid: string, { user, device, epoch }: LoginRecord): void {
    const known = this.#bySession.get(sid);
    this.#bySession.delete(sid); // so that the order of the map is that of the last visits
    const isSame = known?.device === device && known.epoch === epoch && known.userId === user.id;
    this.#bySession.set(sid, isSame ? known : { userId: user.id, device, epoch });
    if (this.#bySession.size > capacity) this.#bySession.delete(this.#bySession.keys().next().value!);
  }

  /** The session with this id is being read for `req`. */
  expect(req: object, sid: string, ask: (userId: string, login: Known) => Promise<Standing>): void {
    const known = this.#bySession.get(sid);
    if (!known) return;
    const standing = ask(known.userId, known);
    standing.catch(() => {}); // whoever looks at it is told
    this.#expected.set(req, { ...known, standing, askedAt: performance.now() });
  }

  /** The answer that was asked for in advance; `undefined` where none was, or for another login. */
  expected(req: object, { user, device, epoch }: LoginRecord): Promise<Standing> | undefined {
    const expected = this.#expected.get(req);
    this.#expected.delete(req); // a request may log in anew
    if (!expected || performance.now() - expected.askedAt > freshFor) return undefined;
    const isThis = expected.userId === user.id && expected.device === device && expected.epoch === epoch;
    return isThis ? expected.standing : undefined;
  }
}
