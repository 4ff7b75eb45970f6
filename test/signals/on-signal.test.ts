/** `onSignal` calls a listener until it is stopped, and an error of a listener harms nobody. */
import { EventEmitter, once } from "node:events";
import { expect, it } from "vitest";
import { onSignal } from "holdfast/ops";
import { emit, type AuthEvents } from "../../lib/auth/events.js";
import { signals, TimedSignal } from "../../lib/signals/index.js";

const send = () => signals.session.missing.send(new TimedSignal({}, "an id", performance.now()));

it("calls the listener until it is stopped", () => {
  const heard: string[] = [];
  const stop = onSignal("session:missing", ({ session }) => void heard.push(session));
  send();
  stop();
  send();
  stop();
  expect(heard).toHaveLength(1);
  expect(signals.session.missing.isHeard).toBe(false);
});

it("an error in a listener becomes a warning, and other listeners are still called", async () => {
  const warned = once(process, "warning");
  let calls = 0;
  const stops = [
    onSignal("session:missing", () => {
      throw new Error("disk full");
    }),
    onSignal("session:missing", () => void calls++),
  ];
  send();
  for (const stop of stops) stop();
  const [warning] = (await warned) as [Error & { code: string }];
  expect(warning.code).toBe("HOLDFAST_LISTENER_FAILED");
  expect(warning.message).toContain("disk full");
  expect(calls).toBe(1);
});

it("in TypeScript, the name of a login's event tells what the event has", () => {
  const heard: string[] = [];
  const stop = onSignal("login", (signal) => {
    if (signal.name === "login-failed") heard.push(signal.event.reason);
    if (signal.name === "logout") heard.push(signal.event.device);
  });
  const events = new EventEmitter<AuthEvents>();
  emit(events, "login-failed", { user: "1", address: undefined, at: 1, reason: "throttled" });
  emit(events, "logout", { user: "1", address: undefined, at: 1, device: "d" });
  stop();
  expect(heard).toEqual(["throttled", "d"]);
});
