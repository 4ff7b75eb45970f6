/** A legacy store in memory that can fail, hang or be slow, and counts what it is asked. */
import { MemoryStore, Store, type SessionData } from "express-session";

type Callback<T = void> = (error?: unknown, result?: T) => void;
type Texts = Record<string, string>;

export class FickleStore extends Store {
  readonly memory = new MemoryStore();
  /** What happens to a call. */
  mood: "well" | "failing" | "hanging" = "well";
  /** Milliseconds before each answer. */
  slowness = 0;
  readonly asked = { get: 0, set: 0, destroy: 0, touch: 0 };
  /** Runs before a write reaches the store. */
  beforeWrite: ((method: "set" | "destroy", sid: string) => Promise<void> | void) | undefined;
  readonly #hung: (() => void)[] = [];

  /** The rows, as text by id. */
  get texts(): Texts {
    return (this.memory as unknown as { sessions: Texts }).sessions;
  }

  sessionOf(sid: string): (SessionData & Record<string, any>) | undefined {
    const text = this.texts[sid];
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Lets all that hangs come through. */
  release(): void {
    this.mood = "well";
    for (const go of this.#hung.splice(0)) go();
  }

  override get(sid: string, callback: Callback<SessionData | null>): void {
    this.#pass("get", callback, () => this.memory.get(sid, callback));
  }

  override set(sid: string, session: SessionData, callback?: Callback): void {
    const text = JSON.stringify(session); // as a driver does it, at once
    this.#pass("set", callback, async () => {
      await this.beforeWrite?.("set", sid);
      this.memory.set(sid, JSON.parse(text), callback);
    });
  }

  override destroy(sid: string, callback?: Callback): void {
    this.#pass("destroy", callback, async () => {
      await this.beforeWrite?.("destroy", sid);
      this.memory.destroy(sid, callback);
    });
  }

  override touch(sid: string, session: SessionData, callback?: () => void): void {
    this.#pass("touch", callback, () => this.memory.touch(sid, session, callback));
  }

  #pass(method: keyof FickleStore["asked"], callback: Callback<any> | undefined, go: () => unknown): void {
    this.asked[method]++;
    if (this.mood === "failing") return void setImmediate(() => callback?.(new Error("the database is away")));
    if (this.mood === "hanging") return void this.#hung.push(() => void go());
    if (this.slowness > 0) return void setTimeout(() => void go(), this.slowness);
    void go();
  }
}
