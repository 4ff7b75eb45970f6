// The buttons that freeze and restart the embedded Redis. The page stays; away.js says what happens.

import { expectAway } from "./away.js";

const form = document.querySelector("[data-take-away]");
let isBusy = false;

if (form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    await takeAway(event.submitter);
    isBusy = false;
  });
}

async function takeAway({ value, dataset }) {
  const result = form.querySelector("[data-take-away-result]");
  result.textContent = dataset.doing;
  try {
    const response = await fetch(`/redis/${value}.json`, { method: "POST" });
    if (!response.ok) throw new Error((await response.json()).error);
    result.textContent = "";
    expectAway(dataset.done);
  } catch (error) {
    result.textContent = `That did not work: ${error.message}`;
  }
}
