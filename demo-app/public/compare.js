// Sends the same requests to both sides, and shows what each session became.
import { tick } from "./story.js";

const updates = 20;
const root = document.querySelector("[data-compare]");
const sides = [...root.querySelectorAll("[data-side]")].map(sideOf);
const runs = { twenty, logout };
/** What the last line of the events says, and the figure. */
const verdicts = {
  true: ["The next page says: Hello, ada", "Came back to life"],
  false: ["The next page says: Please log in", "Stays logged out"],
};

const buttons = root.querySelector("[data-compare-buttons]");
buttons.hidden = false;
buttons.addEventListener("click", async (event) => {
  const run = runs[event.target.dataset.run];
  if (!run || root.dataset.running !== undefined) return;
  root.dataset.running = "";
  for (const button of buttons.children) button.setAttribute("aria-disabled", "true");
  await run();
  for (const button of buttons.children) button.removeAttribute("aria-disabled");
  delete root.dataset.running;
});

function sideOf(element) {
  const part = (selector) => element.querySelector(selector);
  const [figure, cells, events, stored] = ["figure", "cells", "events", "stored"].map((name) => part(`[data-${name}]`));
  return {
    async ask(method, path) {
      const response = await fetch(`/compare/${element.dataset.side}/${path}.json`, { method });
      if (response.status === 503) tick("away");
      if (!response.ok) throw new Error(`the shop answered ${response.status}`);
      return response.json();
    },
    begin(words, hasCells) {
      delete element.dataset.outcome;
      figure.textContent = words;
      cells.hidden = !hasCells;
      events.hidden = hasCells;
      events.replaceChildren();
      for (const cell of cells.children) cell.className = "";
    },
    end(words, isGood) {
      figure.textContent = words;
      element.dataset.outcome = isGood ? "good" : "bad";
    },
    cell(index, state) {
      cells.children[index].className = state;
    },
    tell(words) {
      const line = document.createElement("li");
      line.textContent = words;
      events.append(line);
    },
    /** Marks what was not there `before`. */
    show(text, before) {
      const old = new Set(partsOf(before).map((part) => part.id));
      const parts = partsOf(text).flatMap((part) => marked(part, old));
      stored.replaceChildren(...(text === null ? ["nothing: there is no session"] : parts));
    },
  };
}

/** Both sides, one after the other, so that neither takes connections from the other. */
async function twenty() {
  for (const side of sides) side.begin("Sending …", true);
  const before = await Promise.all(sides.map((side) => attempt(side, () => begin(side))));
  for (const [index, side] of sides.entries()) {
    if (before[index]) await attempt(side, () => sendTwenty(side, before[index]));
  }
  tick("twenty");
}

async function sendTwenty(side, before) {
  const names = Array.from({ length: updates }, (_, index) => `n${index + 1}`);
  const answers = await Promise.allSettled(
    names.map(async (name, index) => {
      side.cell(index, "sent");
      await side.ask("POST", `items/${name}`);
      side.cell(index, "answered");
    }),
  );
  const { stored } = await side.ask("GET", "session");
  const items = JSON.parse(stored ?? "{}").items ?? {};
  const kept = names.filter((name) => Object.hasOwn(items, name)).length;
  for (const [index, name] of names.entries()) side.cell(index, Object.hasOwn(items, name) ? "kept" : "lost");
  side.show(stored, before);
  const refused = answers.filter(({ status }) => status === "rejected").length;
  side.end(`${updates} sent, ${refused > 0 ? `${refused} refused, ` : ""}${kept} kept`, kept === updates - refused);
}

async function logout() {
  for (const side of sides) side.begin("Logging in …", false);
  await Promise.all(sides.map((side) => attempt(side, () => logOutMeanwhile(side))));
  tick("logout");
}

async function logOutMeanwhile(side) {
  await begin(side);
  side.tell("Ada is logged in");
  const slow = side.ask("POST", "slow");
  slow.catch(() => {}); // it is awaited below
  side.tell("A slow request starts");
  await pause(500);
  await side.ask("POST", "logout");
  side.tell("Ada logs out");
  const gone = (await side.ask("GET", "session")).stored;
  side.show(gone, gone);
  await slow;
  side.tell("The slow request ends");
  const { user, stored } = await side.ask("GET", "session");
  side.show(stored, gone);
  const [line, words] = verdicts[user !== null];
  side.tell(line);
  side.end(words, user === null);
}

/** A new session, logged in; returns its text. */
async function begin(side) {
  await side.ask("POST", "start");
  const { stored } = await side.ask("GET", "session");
  side.show(stored, stored);
  return stored;
}

/** What fails on one side is said there. */
async function attempt(side, work) {
  try {
    return await work();
  } catch (error) {
    side.end(`That did not work: ${error.message}`, false);
  }
}

/** The parts of the text, each with what it stands for; an inner object is one line, and the cookie only in the way. */
function partsOf(text) {
  if (!text) return [];
  return Object.entries(JSON.parse(text)).flatMap(([name, value]) => {
    if (name === "cookie") return [{ text: '"cookie": { … }', id: name, end: "\n" }];
    const short = `"${name}": ${JSON.stringify(value)}`;
    if (typeof value !== "object" || value === null) return [{ text: short, id: short, end: "\n" }];
    const inner = Object.entries(value).map(([key, inside]) => {
      const pair = `"${key}":\u00a0${JSON.stringify(inside)}`; // its line is not broken inside it
      return { text: pair, id: `${name} ${pair}`, end: " " };
    });
    if (inner.length === 0) return [{ text: short, id: name, end: "\n" }];
    return [{ text: `"${name}": {`, id: name, end: " " }, ...inner, { text: "}", id: name, end: "\n" }];
  });
}

function marked({ text, id, end }, old) {
  if (old.has(id)) return [text, end];
  const mark = document.createElement("mark");
  mark.textContent = text;
  return [mark, end];
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
