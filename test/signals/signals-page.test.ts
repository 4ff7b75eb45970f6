/** docs/signals.md and the types for apps list exactly the signals that exist. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { onSignal, type Signals } from "holdfast/ops";
import { channels } from "../support/heard.js";

const page = readFileSync(new URL("../../docs/signals.md", import.meta.url), "utf8");

it("the page lists every channel, and no other", () => {
  const listed = [...page.matchAll(/`(holdfast:[\w:-]+)`/g)].map(([, name]) => name!);
  expect([...new Set(listed)].sort()).toEqual([...channels].sort());
});

it("onSignal knows every channel, and no other", () => {
  for (const channel of channels) onSignal(channel.replace("holdfast:", "") as keyof Signals, () => {})();
  const known = /There are: (.*)\./.exec(messageFor("session:lost"))![1]!.split(", ");
  expect(known.map((name) => `holdfast:${name}`).sort()).toEqual([...channels].sort());
});

function messageFor(name: string): string {
  try {
    onSignal(name as keyof Signals, () => {});
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
