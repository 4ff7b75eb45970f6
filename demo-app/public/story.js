// The checklist above every page. What was done is remembered in this browser: it must survive a logout, and Redis' absence.

const name = "holdfast-demo-done";
const list = document.querySelector("[data-story]");

/** Marks a step as done, here and on the pages to come. */
export function tick(step) {
  remember([...remembered(), step]);
  show(step);
}

if (list) {
  for (const step of remembered()) show(step);
  for (const item of list.querySelectorAll("[data-done]")) tick(item.dataset.step);
  // The page itself is the shop's answer while Redis is away.
  if (performance.getEntriesByType("navigation")[0]?.responseStatus === 503) tick("away");
}

function show(step) {
  const item = list?.querySelector(`[data-step="${step}"]`);
  if (!item) return;
  item.dataset.done = "";
  item.querySelector("[data-ticked]").textContent = " (done)";
  const isOver = list.querySelector("li:not([data-done])") === null;
  document.querySelector("[data-story-end]").hidden = !isOver;
}

function remembered() {
  try {
    const steps = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(steps) ? steps.filter((step) => /^[a-z]+$/.test(step)) : [];
  } catch {
    return [];
  }
}

function remember(steps) {
  try {
    localStorage.setItem(name, JSON.stringify([...new Set(steps)]));
  } catch {
    // A browser that stores nothing ticks what this page knows.
  }
}
