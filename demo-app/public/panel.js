// Updates the panel live: the cost of the page, the session as stored, its remaining lifetime, and the twenty updates.

import { tick } from "./story.js";
import { currentToken } from "./token.js";

const panel = document.querySelector("[data-panel]");
const twine = "twine";
let diesAt = 0;
/** Of the lines of the session as it was last shown in this tab. */
let marksBefore = recallMarks();

if (panel) {
  foldOnPhones();
  showCost();
  document.addEventListener("redis-away", sayUnreadable);
  document.addEventListener("redis-back", showSession);
  await showSession();
  setInterval(showTimeToLive, 1000);
  offerTwenty();
}

function put(selector, text) {
  const element = panel.querySelector(selector);
  if (element) element.textContent = text;
}

/** The cost is in the headers of the page itself, which were written after the session had been saved. */
function showCost() {
  const timing = performance.getEntriesByType("navigation")[0]?.serverTiming ?? [];
  const redis = timing.find((entry) => entry.name === "redis");
  const total = timing.find((entry) => entry.name === "total");
  if (!redis || !total) return;
  const [commands, trips] = redis.description.split(" ");
  put('[data-cost="commands"]', counted(commands, "command"));
  put('[data-cost="trips"]', counted(trips, "round trip"));
  const queries = timing.find((entry) => entry.name === "db")?.description;
  put('[data-cost="queries"]', queries === undefined ? "–" : counted(queries, "query", "queries"));
  put('[data-cost="redis"]', milliseconds(redis.duration));
  put('[data-cost="total"]', milliseconds(total.duration));
}

function counted(number, one, many = `${one}s`) {
  return `${number} ${Number(number) === 1 ? one : many}`;
}

function milliseconds(value) {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

async function lookAtSession() {
  const response = await fetch("/session.json", { headers: { Accept: "application/json" } });
  if (response.status === 503) tick("away");
  if (!response.ok) throw new Error(`the shop answered ${response.status}`);
  return response.json();
}

/** Returns the session's value. The worker shown is still the one that rendered the page. */
async function showSession() {
  try {
    const session = await lookAtSession();
    put('[data-session="key"]', session.key);
    put('[data-session="bytes"]', session.bytes);
    showValue(session.value);
    diesAt = performance.now() + session.millisecondsToLive;
    showTimeToLive();
    const isStored = session.value !== "";
    put("[data-panel-state]", isStored ? `as stored in ${session.home} now` : `no longer in ${session.home}`);
    return isStored ? JSON.parse(session.value) : {};
  } catch {
    sayUnreadable();
    return {};
  }
}

/** Marks the lines that were not there before, and brings the first of them into view. */
function showValue(value) {
  const place = panel.querySelector('[data-session="value"]');
  const lines = value.split("\n");
  const old = new Set(marksBefore);
  rememberMarks(value === "" ? [] : lines.map(markOf));
  place.replaceChildren(
    ...lines.flatMap((line) => (old.size === 0 || old.has(markOf(line)) ? [line, "\n"] : marked(line))),
  );
  if (value === "") place.textContent = "nothing: there is no session";
  const first = place.querySelector("mark");
  if (first) bringIntoView(place, first);
}

/** Whole lines, the first of them the one above. */
function bringIntoView(place, mark) {
  const height = Number.parseFloat(getComputedStyle(place).lineHeight);
  const line = Math.floor((mark.getBoundingClientRect().top - place.getBoundingClientRect().top) / height);
  const top = Number.parseFloat(getComputedStyle(place.parentElement).paddingTop);
  place.parentElement.scrollTop = line < 2 ? 0 : (line - 1) * height + top / 2;
}

function marked(line) {
  const mark = document.createElement("mark");
  mark.textContent = line.trimStart();
  return [line.slice(0, line.length - mark.textContent.length), mark, "\n"];
}

/** Stands for a line, whatever follows it, so that nothing of the session is kept in the browser. */
function markOf(line) {
  let mark = 17;
  for (const character of line.replace(/,$/, "")) mark = (Math.imul(mark, 31) + character.codePointAt(0)) | 0;
  return mark;
}

function recallMarks() {
  try {
    const marks = JSON.parse(sessionStorage.getItem("holdfast-demo-marks") ?? "[]");
    return Array.isArray(marks) ? marks : [];
  } catch {
    return [];
  }
}

function rememberMarks(marks) {
  marksBefore = marks;
  try {
    sessionStorage.setItem("holdfast-demo-marks", JSON.stringify(marks));
  } catch {
    // Without storage, only what this page itself changes is marked.
  }
}

function sayUnreadable() {
  put("[data-panel-state]", "cannot be read now");
}

function showTimeToLive() {
  const seconds = Math.max(0, Math.ceil((diesAt - performance.now()) / 1000));
  put('[data-session="left"]', timeLeft(seconds));
  put('[data-session="ttl"]', seconds.toLocaleString("en"));
}

/** As `timeLeft` in times.ts: the nearest unit. */
function timeLeft(seconds) {
  if (seconds >= 84_600) return `${counted(Math.round(seconds / 86_400), "day")} left`;
  if (seconds >= 3570) return `${counted(Math.round(seconds / 3600), "hour")} left`;
  if (seconds >= 120) return `${counted(Math.round(seconds / 60), "minute")} left`;
  return `${counted(seconds, "second")} left`;
}

/** On a phone the panel is a bar at the bottom that opens. A link to something inside opens it too. */
function foldOnPhones() {
  const fold = panel.querySelector("[data-fold]");
  const wide = matchMedia("(min-width: 64rem)");
  const adapt = () => {
    panel.dataset.bar = wide.matches ? "off" : "on";
    fold.open = wide.matches || leadsInside();
  };
  const leadsInside = () => location.hash !== "" && panel.contains(document.getElementById(location.hash.slice(1)));
  wide.addEventListener("change", adapt);
  addEventListener("hashchange", () => leadsInside() && (fold.open = true));
  adapt();
}

function offerTwenty() {
  const form = panel.querySelector("[data-twenty]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Not `disabled`, which would take the focus from whoever pressed it with the keyboard.
    const button = form.querySelector("button");
    if (button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    put("[data-twenty-result]", "Sending twenty …");
    try {
      await sendTwenty();
    } catch (error) {
      put("[data-twenty-result]", `That did not work: ${error.message}.`);
    }
    button.removeAttribute("aria-disabled");
  });
}

async function sendTwenty() {
  const csrf = await currentToken();
  const before = quantityIn(await showSession());
  const answers = await Promise.all(Array.from({ length: 20 }, () => addOne(csrf)));
  const saved = answers.filter((answer) => answer.ok);
  if (saved.length === 0) throw new Error(`the shop answered ${answers[0].status} to all of them`);
  const session = await showSession();
  const after = quantityIn(session);
  const expected = before + saved.length;
  const lost = expected - after;
  const workers = new Set(await Promise.all(saved.map(async (answer) => (await answer.json()).worker)));
  const verdict = lost === 0 ? "None was lost" : `${lost} lost`;
  const refused = saved.length === 20 ? "" : ` ${20 - saved.length} were refused.`;
  put(
    "[data-twenty-result]",
    `${before} before, ${after} after, ${expected} expected. ${verdict}; ${workers.size === 1 ? "one worker" : `${workers.size} workers`} answered.${refused}`,
  );
  const count = Object.values(session.cart ?? {}).reduce((sum, line) => sum + line.quantity, 0);
  for (const element of document.querySelectorAll("[data-cart-count]")) element.textContent = count;
  tick("twenty");
  if (count > 0) tick("cart");
}

function quantityIn(session) {
  return session.cart?.[twine]?.quantity ?? 0;
}

function addOne(csrf) {
  return fetch("/cart/items.json", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ sku: twine, quantity: 1 }),
  });
}
