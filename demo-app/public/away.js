// Says when Redis does not answer and when it is back. The page stays as it is meanwhile, with all that was typed.

import { tick } from "./story.js";
import { currentToken, isTokenOld, tokenIsOld } from "./token.js";

/** In milliseconds: between two questions while all is well, the first and the longest pause while it is not. */
const calm = 3000;
const shortest = 1000;
const longest = 15_000;
/** For that long the pauses are short, because most absences are. */
const eager = 10_000;
/** After that long without an answer, only a click asks again. */
const patience = 600_000;

const line = document.querySelector("[data-away]");
const words = line?.querySelector("[data-away-words]");
const next = line?.querySelector("[data-away-next]");
const again = line?.querySelector("[data-away-again]");
/** The page itself is the shop's answer while Redis is away. */
const answered = document.querySelector("[data-unavailable]")?.dataset.unavailable;

let awaySince = answered === undefined ? undefined : performance.now();
let pause = shortest;
let timer;
let countdown;
let questions = 0;

if (line) {
  if (answered !== undefined) sayAway();
  else if (recall("back")) {
    say("back", recall("back"));
    remember("back", "");
  }
  again.addEventListener("click", () => {
    awaySince = performance.now();
    pause = shortest;
    void watch();
  });
  document.addEventListener("visibilitychange", () => document.hidden || void watch());
  document.addEventListener("submit", keepForm);
  void watch();
}

/** Asks now, for instance because something else on the page got no answer. */
export async function watch() {
  clearTimeout(timer);
  clearInterval(countdown);
  if (document.hidden) return; // goes on when the page is seen again
  const question = ++questions;
  const state = await ask();
  if (question !== questions) return; // the answer to a later one counts
  if (state.answers) {
    const before = recall("run");
    remember("run", state.run ?? "");
    const isOther = before && state.run !== undefined && before !== state.run;
    if (awaySince !== undefined || isOther) comeBack(state, before, isOther);
    timer = setTimeout(watch, calm);
    return;
  }
  if (awaySince === undefined) {
    awaySince = performance.now();
    pause = shortest;
  }
  tick("away");
  document.dispatchEvent(new Event("redis-away"));
  sayAway(state.who);
  const absence = performance.now() - awaySince;
  if (absence > patience) return stopAsking();
  countDown(pause);
  timer = setTimeout(watch, pause);
  if (absence > eager) pause = Math.min(pause * 2, longest);
}

/** Redis was taken away from this page: `sentence`, if any, until it is known how it is. */
export function expectAway(sentence) {
  awaySince = performance.now();
  pause = shortest;
  tick("away");
  if (sentence) say("away", sentence);
  void watch();
}

/** Asks twice if it must: when a page is left, what it asked is canceled, and it does not live to ask again. */
async function ask(isLast = false) {
  try {
    const response = await fetch("/redis.json", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    return await response.json();
  } catch {
    if (isLast) return { answers: false, who: "The shop" };
    await new Promise((resolve) => setTimeout(resolve, 500));
    return ask(true);
  }
}

function comeBack({ run, isMemoryOnly }, before, isOther) {
  awaySince = undefined;
  if (isOther) tokenIsOld();
  const sentence = backSentence(before && run !== undefined, isOther, isMemoryOnly);
  say("back", sentence);
  document.dispatchEvent(new Event("redis-back"));
  if (answered !== "page") return;
  remember("back", sentence);
  location.reload();
}

function backSentence(isKnown, isOther, isMemoryOnly) {
  if (!isKnown) return "Redis is back.";
  if (!isOther) return "Redis is back. It was not restarted, so all its sessions are still there.";
  return isMemoryOnly
    ? "Redis is back, restarted with an empty memory: all sessions and accounts from before are gone. What you typed can still be sent; reload the page to begin anew."
    : "Redis is back, restarted: it has what its append-only file or its last snapshot held.";
}

function sayAway(who = "Redis") {
  say("away", `${who} does not answer. This page stays as it is and asks again by itself.`);
}

/** A screen reader hears only what is new. */
function say(state, sentence) {
  line.hidden = false;
  line.dataset.state = state;
  again.hidden = true;
  next.textContent = "";
  if (words.textContent !== sentence) words.textContent = sentence;
}

function countDown(milliseconds) {
  let seconds = Math.round(milliseconds / 1000);
  const show = () => (next.textContent = seconds > 0 ? `Next try in ${seconds--} s` : "Asking …");
  show();
  countdown = setInterval(show, 1000);
}

function stopAsking() {
  say("away", "Redis has not answered for ten minutes, so this page no longer asks.");
  again.hidden = false;
}

/** A form that cannot be saved is not sent: what was typed stays. */
function keepForm(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (awaySince !== undefined) {
    event.preventDefault();
    say("away", "Not sent: Redis does not answer. What you typed stays here; send it once Redis is back.");
  } else if (isTokenOld()) {
    event.preventDefault();
    void sendWithNewToken(form, submitter);
  }
}

/** Without one, the shop says what is wrong. */
async function sendWithNewToken(form, submitter) {
  await currentToken().catch(() => {});
  if (isTokenOld()) form.submit();
  else form.requestSubmit(submitter);
}

/** In this tab. */
function recall(what) {
  try {
    return sessionStorage.getItem(`holdfast-demo-${what}`) ?? "";
  } catch {
    return "";
  }
}

function remember(what, value) {
  try {
    sessionStorage.setItem(`holdfast-demo-${what}`, value);
  } catch {
    // Without storage, a page knows only what it saw itself.
  }
}
