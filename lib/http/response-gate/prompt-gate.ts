/**
 * The gate for a response that cannot be held back. The cookie is added when its head is formed, and the session is
 * saved meanwhile. This is needed for WebSocket handshakes, whose head is sent in the same tick in which `writeHead` is
 * called. Only `end` waits, as in express-session.
 */
import type { ServerResponse } from "node:http";
import { withHeadListener } from "./head.js";
import { ask, type GateKeeper } from "./keeper.js";
import { replaceable, type Replaceable } from "./patch.js";
import { abortResponse } from "./plain-answer.js";

export function installPromptGate(res: ServerResponse, keeper: GateKeeper): void {
  const methods = replaceable(res);
  const { writeHead, end }: Partial<Replaceable> = methods;
  let saving: Promise<void> | undefined;
  let isFormed = false;
  let isEnded = false;

  if (typeof writeHead === "function") methods.writeHead = withHeadListener(writeHead, form);
  if (typeof end !== "function") return;
  methods.end = function (...args: unknown[]) {
    if (isEnded) return res;
    isEnded = true;
    const hold = isFormed ? (saving ?? ask(keeper, "beforeEnd")) : form();
    if (!hold) return end.apply(res, args);
    hold
      .then(
        () => end.apply(res, args),
        (error: unknown) => fail(error),
      )
      .catch(() => abortResponse(res));
    return res;
  };

  /** The head is about to be sent. */
  function form(): Promise<void> | undefined {
    if (isFormed) return saving;
    isFormed = true;
    saving = ask(keeper, "beforeHead");
    saving?.catch(() => {}); // `end` reports the error; a handshake cannot be undone
    try {
      keeper.onHead()?.(res);
    } catch {
      // No cookie can be added.
    }
    return saving;
  }

  function fail(error: unknown): void {
    const { status }: { status?: unknown } = Object(error);
    if (typeof res.statusCode === "number") res.statusCode = typeof status === "number" ? status : 500;
    let isAnswered = false;
    methods.end = function (...args: unknown[]) {
      if (!isAnswered) end!.apply(res, args);
      isAnswered = true;
      return res;
    };
    keeper.onFailure(error);
    res.end();
  }
}
