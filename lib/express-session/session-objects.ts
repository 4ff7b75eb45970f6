/**
 * Maps the session objects of a store to their handles: express-session's contract passes objects around, and has no
 * handles. A copy of loaded data finds its handle by a mark on the cookie, which copying keeps and JSON omits. Memory
 * only.
 */
import { Store, type SessionData } from "express-session";
import { checkedObject, ObservedRepository, type SessionHandle, type SessionRepository } from "../repository/index.js";
import { handleField } from "./handle-field.js";
import type { SessionAccess } from "./session-access.js";
import type { OpenSession, SessionRequest } from "./session-types.js";

/** The mark is enumerable, because `{ ...cookie }` and `Object.assign` copy only enumerable properties. */
const mark = Symbol("holdfast.base");

interface Marked {
  [mark]?: object;
}

/** A handle that can be duplicated for a copy of the session. */
interface CopiedHandle<H> extends SessionHandle {
  /** The same initial state, but saved separately. */
  fork(): H;
  /** The same session, without a base to compare with. */
  withoutBase(): H;
}

interface LoadingRepository<H extends SessionHandle> extends SessionRepository<H> {
  load(sid: string): Promise<{ data: SessionData; handle: H } | undefined>;
}

export class SessionObjects<H extends CopiedHandle<H>> implements SessionAccess<H> {
  readonly repository: ObservedRepository<H>;
  readonly #loader: LoadingRepository<H>;
  readonly #byObject = handleField<H>();
  /** The handle is not in the mark itself, so that printing or comparing a session does not show it. */
  readonly #byMark = new WeakMap<object, H>();

  /** @param store the store whose sessions these are */
  constructor(repository: LoadingRepository<H>, store: object) {
    this.repository = new ObservedRepository(repository, store);
    this.#loader = repository;
  }

  open(req: SessionRequest, handle: H): OpenSession | undefined {
    return this.repository.open(handle, (data) => {
      const session = Store.prototype.createSession.call(undefined, req, data);
      this.#byObject.set(session, handle);
      return session;
    });
  }

  handleOf(session: OpenSession): H {
    return this.handleToSave(session.id, session);
  }

  /** The session as plain data. Copies are recognized by the cookie, or by a copy of that. */
  async load(sid: string): Promise<SessionData | null> {
    const loaded = await this.repository.loading(sid, () => this.#loader.load(sid));
    if (!loaded) return null;
    const { data, handle } = loaded;
    this.#byObject.set(data, handle);
    const { cookie }: { cookie?: unknown } = data;
    if (typeof cookie === "object" && cookie !== null && Object.isExtensible(cookie)) {
      const sign = Object.freeze({});
      this.#byMark.set(sign, handle);
      const marked: Marked = cookie;
      marked[mark] = sign;
    }
    return data;
  }

  /** For a session object created from loaded data: the same initial state, but each of the two is saved separately. */
  forkHandle(from: object, to: object): void {
    const handle = this.#byObject.get(from);
    if (handle) this.#byObject.set(to, handle.fork());
  }

  /**
   * The handle for a save of this object: its own, or a fork of the one that it was copied from, if it is the same
   * session; otherwise that of a new session. It is remembered for the object.
   *
   * @throws HoldfastError `SESSION_NOT_SERIALIZABLE` if it is not an object
   */
  handleToSave(sid: string, object: unknown): H {
    const session = checkedObject(object);
    const own = this.#byObject.get(session);
    if (own?.sid === sid) return own;
    const handle = (own ? undefined : this.#copied(sid, session)?.fork()) ?? this.repository.create(sid);
    this.#byObject.set(session, handle);
    return handle;
  }

  /**
   * The handle for a touch. A copied cookie may have its settings in another form, so they do not count as a change.
   */
  handleToTouch(sid: string, object: object): H {
    const own = this.#byObject.get(object);
    if (own?.sid === sid) return own;
    return (own ? undefined : this.#copied(sid, object)?.withoutBase()) ?? this.repository.create(sid);
  }

  #copied(sid: string, object: object): H | undefined {
    const sign =
      markOf("cookie" in object ? object.cookie : undefined) ??
      Object.getOwnPropertySymbols(object)
        .map((key) => markOf(Reflect.get(object, key)))
        .find(Boolean);
    const handle = sign && this.#byMark.get(sign);
    return handle?.sid === sid ? handle : undefined;
  }
}

/** @fastify/session keeps its copy of the cookie under a symbol of its own. */
function markOf(holder: unknown): object | undefined {
  if (typeof holder !== "object" || holder === null) return undefined;
  const marked: Marked = holder;
  return marked[mark];
}
