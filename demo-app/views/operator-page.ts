/** The operator's page: the dial, the phases with their buttons and outcomes, the processes, the command. */
import { html, type Html, type Piece } from "../html.js";
import type { MoveFacts } from "../move/facts.js";
import type { Job, Slot } from "../move/jobs.js";
import { dialOf, phaseNames, phaseNumber, processLines, wordsOf } from "../move/words.js";
import { csrfField } from "./fields.js";
import { moveDial } from "./move-dial.js";

export function operatorPage(facts: MoveFacts, csrf: string, places: string): Html {
  const words = wordsOf(facts);
  const { jobs, own, status } = facts;
  const word = (name: string) => html`<span data-word="${name}">${words[name]}</span>`;
  const dial = {
    dial: dialOf(facts),
    other: status.other,
    own: own.bucket,
    label: words["label"]!,
    home: words["home"]!,
    phase: phaseNumber(facts),
  };
  const set = (target: number) => {
    return button(
      { slot: `set-${target}` as Slot, text: `Dial to ${target}`, fields: hidden("dial", target) },
      jobs,
      csrf,
    );
  };
  const current = phaseNumber(facts);
  const phase = (number: number, text: string, ...forms: Piece[]) =>
    html`<li data-phase="${number}" ${number === current && html`aria-current="step"`}>
      <h2>${phaseNames[number]}</h2>
      <p class="hint">${text}</p>
      <div class="buttons">${forms}</div>
    </li>`;

  return html`<div class="move" data-move>
    <header>
      <h1>Migration</h1>
      <p class="lead">From PostgreSQL to Redis, while the shop is open. Log in, fill the cart, and turn the dial.</p>
    </header>
    <section class="helm" aria-label="Status">
      ${moveDial(dial)}
      <dl class="facts">
        ${line("Phase", word("phase"))} ${line("Home of your session", html`<b>${word("home")}</b>`, word("bucket"))}
        ${line("In PostgreSQL", word("inDatabase"))} ${line("In Redis", word("inRedis"))}
        ${line("Database writes per request", word("writes"), word("writesHint"))}
        ${line("Changes waiting to be copied", word("pending"))} ${line("Compared", word("verified"))}
      </dl>
    </section>
    <p class="error boxed" data-word="doubt" ${!words["doubt"] && html`hidden`}>${words["doubt"]}</p>
    <ol class="phases">
      ${phase(
        1,
        "Redis runs alongside the database: every change goes to both. Existing sessions are copied and compared; then Redis becomes the home of a tenth of them.",
        button({ slot: "start", text: "Start" }, jobs, csrf),
        button({ slot: "backfill", text: "Backfill", bar: true }, jobs, csrf),
        button({ slot: "verify", text: "Verify", fields: repairBox(), bar: true }, jobs, csrf),
        set(10),
      )}
      ${phase(2, "Redis is the home of half of the sessions; both stores are written.", set(50))}
      ${phase(
        3,
        "Redis is the home of all sessions. The database is the backup; in real life, for a month.",
        set(100),
        button(
          {
            slot: "verify-again",
            text: "Verify again",
            fields: html`${repairBox()} ${hidden("again", "yes")}`,
            bar: true,
          },
          jobs,
          csrf,
        ),
      )}
      ${phase(
        4,
        "The database is no longer read or written; its table can be dropped.",
        button({ slot: "finish", text: "Finish" }, jobs, csrf),
      )}
      <li class="back">
        <h2>Other actions</h2>
        <p class="hint">
          The dial turns both ways. A rollback brings everything back to the database, from any position.
        </p>
        <div class="buttons">
          ${button({ slot: "set", text: "Turn the dial", fields: dialField(dial.dial) }, jobs, csrf)}
          ${button({ slot: "rollback", text: "Roll back", bar: true }, jobs, csrf)}
        </div>
      </li>
    </ol>
    <section aria-labelledby="processes-title">
      <h2 id="processes-title">Processes</h2>
      <table class="processes">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Dial</th>
            <th scope="col">To copy</th>
            <th scope="col">Last seen</th>
          </tr>
        </thead>
        <tbody data-processes>
          ${processLines(facts).map(
            ({ name, follows, pending, heard }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${follows}</td>
                <td>${pending}</td>
                <td>${heard}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>
    <section aria-labelledby="command-title">
      <h2 id="command-title">The same in a terminal</h2>
      <pre tabindex="0" aria-label="The command"><code>npx holdfast migrate status ${places}</code></pre>
    </section>
  </div>`;
}

interface Button {
  readonly slot: Slot;
  readonly text: string;
  readonly fields?: Html;
  /** Takes long enough to need a progress bar. */
  readonly bar?: boolean;
}

function button({ slot, text, fields, bar = false }: Button, jobs: MoveFacts["jobs"], csrf: string): Html {
  const action = slot.split("-")[0]!;
  const job = jobs[slot];
  return html`<form method="post" action="/operator/${action}" id="${slot}" data-slot="${slot}" novalidate>
    ${csrfField(csrf)} ${fields}
    <button type="submit" aria-describedby="${slot}-outcome">${text}</button>
    ${bar && progress(job, text)}
    <p class="outcome ${job?.state}" id="${slot}-outcome" role="status" data-outcome>${job?.sentence}</p>
  </form>`;
}

function progress(job: Job | undefined, text: string): Html {
  const { done = 0, total = 1 } = job ?? {};
  const isShown = job?.state === "running" && job.total !== undefined;
  return html`<progress
    aria-label="${text}: progress"
    value="${done}"
    max="${Math.max(1, total)}"
    data-progress
    ${!isShown && html`hidden`}
  ></progress>`;
}

function line(name: string, value: Html, hint?: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}${hint && html` <span class="hint">${hint}</span>`}</dd>
  </div>`;
}

function hidden(name: string, value: number | string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

function repairBox(): Html {
  return html`<label class="check"><input type="checkbox" name="repair" value="yes" />Repair</label>`;
}

function dialField(dial: number): Html {
  return html`<label class="visually-hidden" for="dial">Dial, 0 to 100</label>
    <input id="dial" name="dial" type="number" inputmode="numeric" min="0" max="100" value="${dial}" required />`;
}
