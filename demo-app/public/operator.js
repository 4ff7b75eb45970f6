// Updates the operator's page live: the dial, the bars and the outcome of each button, without a reload.

const page = document.querySelector("[data-move]");
const svg = "[data-dial]";
/** Milliseconds between two polls, when idle and while a job is running. */
const [calm, keen] = [1500, 250];
let timer;

if (page) {
  for (const form of page.querySelectorAll("[data-slot]")) form.addEventListener("submit", send);
  void look();
}

async function look() {
  clearTimeout(timer);
  let isRunning = false;
  try {
    const response = await fetch("/operator/facts.json", { headers: { Accept: "application/json" } });
    if (response.ok) isRunning = show(await response.json());
  } catch {
    // The next poll will show whether the shop is back.
  }
  timer = setTimeout(() => void look(), isRunning ? keen : calm);
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const outcome = form.querySelector("[data-outcome]");
  const response = await fetch(`${form.getAttribute("action")}.json`, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
  }).catch(() => undefined);
  if (response?.ok) return look();
  const problem = await response?.json().catch(() => undefined);
  tell(outcome, "refused", problem?.error ?? "The shop does not answer. Try again.");
}

/** Returns whether a job is running. */
function show({ words, dial, other, phase, processes, jobs }) {
  for (const element of page.querySelectorAll("[data-word]")) put(element, words[element.dataset.word] ?? "");
  const doubt = page.querySelector('[data-word="doubt"]');
  doubt.hidden = !words.doubt;
  turn(dial, other ?? dial, words);
  for (const item of page.querySelectorAll("[data-phase]")) {
    if (Number(item.dataset.phase) === phase) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  for (const station of page.querySelectorAll("[data-station]"))
    station.classList.toggle("current", Number(station.dataset.station) === phase);
  // The panel beside the page also shows the home.
  const home = document.querySelector('[data-session="home"]');
  if (home) put(home, words.home);
  showProcesses(processes);
  for (const form of page.querySelectorAll("[data-slot]")) showJob(form, jobs[form.dataset.slot]);
  return Object.values(jobs).some((job) => job.state === "running");
}

function turn(dial, other, words) {
  const [from, to] = [Math.min(dial, other), Math.max(dial, other)];
  const part = (name) => page.querySelector(`[data-dial-${name}]`);
  part("filled").setAttribute("stroke-dasharray", `${dial} 200`);
  part("turning").setAttribute("stroke-dasharray", `${to - from} 200`);
  part("turning").setAttribute("stroke-dashoffset", `${-from}`);
  part("pointer").setAttribute("transform", `rotate(${-125 + dial * 2.5} 200 196)`);
  const label = `The dial is at ${dial}: ${words.label}. ${words.bucket} The home of your session is ${words.home}.`;
  page.querySelector(svg).setAttribute("aria-label", label);
}

function showJob(form, job) {
  tell(form.querySelector("[data-outcome]"), job?.state ?? "", job?.sentence ?? "");
  const bar = form.querySelector("[data-progress]");
  if (!bar) return;
  bar.hidden = job?.state !== "running" || job.total === undefined;
  bar.max = Math.max(1, job?.total ?? 1);
  bar.value = job?.done ?? 0;
}

function tell(outcome, state, sentence) {
  outcome.className = `outcome ${state}`;
  put(outcome, sentence);
}

function showProcesses(processes) {
  const rows = processes.map(({ name, follows, pending, heard }) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    row.append(head, ...[follows, pending, heard].map(cell));
    return row;
  });
  page.querySelector("[data-processes]").replaceChildren(...rows);
}

function cell(text) {
  const element = document.createElement("td");
  element.textContent = text;
  return element;
}

/** Only writes changes, because screen readers announce a status each time it is written. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
