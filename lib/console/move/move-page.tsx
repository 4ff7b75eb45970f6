/** The migration: the dial, the steps in order with the next one marked, the processes that follow. */
import type { VNode } from "preact";
import type { Visit } from "../http/visit.js";
import { count, number, seconds } from "../views/amounts.js";
import { Layout } from "../views/layout.js";
import { Table } from "../views/table.js";
import { Tiles } from "../views/tiles.js";
import type { MoveFacts } from "./facts.js";
import type { Job, Slot } from "./jobs.js";
import { headlineOf, stepsOf, type Step } from "./steps.js";

export interface MoveProps {
  readonly visit: Visit;
  readonly app: string;
  readonly facts: MoveFacts;
}

export function MovePage({ visit, app, facts }: MoveProps): VNode {
  return (
    <Layout visit={visit} app={app} title="Migration" page="move" live>
      <div data-live="move">
        <Live facts={facts} />
      </div>
    </Layout>
  );
}

function Live({ facts }: { facts: MoveFacts }): VNode {
  const { status, jobs, at, isOld, canAct } = facts;
  const isRunning = Object.values(jobs).some(({ state }) => state === "running");
  return (
    <div data-old={isOld ? "" : undefined} data-busy={isRunning ? "" : undefined}>
      <Verdict facts={facts} />
      <Dial dial={status.phase === "finished" ? 100 : status.dial} other={status.other} />
      <Tiles
        facts={[
          ["In the old store", number(facts.inLegacy)],
          ["In Redis", number(facts.inRedis)],
          ["Changes to be copied", number(Math.max(status.pending, status.unmirrored))],
          ["Compared", comparedWords(facts)],
          ["Processes that follow", number(status.processes.length)],
          ["Known", isOld ? `${seconds((Date.now() - at) / 1000)} ago` : "now"],
        ]}
      />
      <ol class="steps">
        {stepsOf(status, jobs).map((step) => (
          <OneStep step={step} canAct={canAct} isBusy={isRunning} />
        ))}
      </ol>
      {canAct ? (
        <Other dial={status.dial} jobs={jobs} isBusy={isRunning} />
      ) : (
        <p class="hint">
          The steps are taken with <code>npx holdfast migrate</code>, or here if the console has the option{" "}
          <code>source</code>.
        </p>
      )}
      <Processes facts={facts} />
    </div>
  );
}

function Verdict({ facts: { status, failure } }: { facts: MoveFacts }): VNode {
  const { doubt } = status;
  const level = failure ? "bad" : doubt ? "warning" : "ok";
  return (
    <div class={`verdict ${level}`} role="status">
      <h1>{failure?.headline ?? headlineOf(status)}</h1>
      <ul>
        {failure && <li>{failure.sentence} What is shown below is old. It goes on by itself when Redis is back.</li>}
        {doubt && <li>{doubt}</li>}
      </ul>
    </div>
  );
}

function Dial({ dial, other }: { dial: number; other: number | undefined }): VNode {
  const [from, to] = [Math.min(dial, other ?? dial), Math.max(dial, other ?? dial)];
  return (
    <figure class="dial">
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={`The dial is at ${dial} of 100.`}>
        <rect class="track" width="100" height="1" />
        <rect class="turning" x={from} width={to - from} height="1" />
        <rect class="filled" width={dial} height="1" />
      </svg>
      <p class="marks" aria-hidden="true">
        {[0, 10, 50, 100].map((mark) => (
          <span>{mark}</span>
        ))}
      </p>
    </figure>
  );
}

function OneStep(props: { step: Step; canAct: boolean; isBusy: boolean }): VNode {
  const { step, canAct, isBusy } = props;
  const { slot, title, why, state, job } = step;
  return (
    <li class={state} aria-current={state === "next" ? "step" : undefined}>
      <div>
        <h2>
          {title}
          {state === "done" && <span class="tick"> ✓ done</span>}
          {state === "next" && <span class="tick"> – next</span>}
        </h2>
        <p class="hint">{why}</p>
      </div>
      {canAct && <StepForm slot={slot} title={title} isBusy={isBusy} job={job} />}
    </li>
  );
}

function StepForm(props: { slot: Slot; title: string; isBusy: boolean; job: Job | undefined }): VNode {
  const { slot, title, isBusy, job } = props;
  const [action, dial] = slot.split("-");
  return (
    <form method="post" action={`move/${action}`} class="buttons" id={slot}>
      {dial !== undefined && <input type="hidden" name="dial" value={dial} />}
      {slot === "verify" && (
        <label>
          <input type="checkbox" name="repair" value="yes" /> repair
        </label>
      )}
      <button type="submit" disabled={isBusy} aria-describedby={`${slot}-outcome`}>
        {title}
      </button>
      <Outcome slot={slot} title={title} job={job} />
    </form>
  );
}

function Outcome({ slot, title, job }: { slot: Slot; title: string; job: Job | undefined }): VNode {
  const { total, done = 0 } = job ?? {};
  return (
    <p class={`outcome ${job?.state ?? ""}`} id={`${slot}-outcome`}>
      {job?.state === "running" && total !== undefined && (
        <progress aria-label={`${title}: progress`} value={done} max={Math.max(1, total)} />
      )}
      {job?.sentence}
    </p>
  );
}

function Other(props: { dial: number; jobs: Partial<Record<Slot, Job>>; isBusy: boolean }): VNode {
  const { dial, jobs, isBusy } = props;
  return (
    <section aria-labelledby="other-title">
      <h2 id="other-title">Back, or anywhere between</h2>
      <form method="post" action="move/set" class="buttons" id="set">
        <label>
          Dial <input name="dial" type="number" min="0" max="100" required defaultValue={dial} id="set-dial" />
        </label>
        <button type="submit" disabled={isBusy}>
          Turn the dial
        </button>
        <Outcome slot="set" title="Turn the dial" job={jobs.set} />
      </form>
      <div class="buttons" id="rollback">
        <a class="button danger" href="move/rollback">
          Roll back …
        </a>
        <Outcome slot="rollback" title="Roll back" job={jobs.rollback} />
      </div>
    </section>
  );
}

function Processes({ facts: { status } }: { facts: MoveFacts }): VNode {
  return (
    <section aria-labelledby="processes-title">
      <h2 id="processes-title">Processes</h2>
      <Table label="Processes" columns={["Process", "Dial", "To copy", "Last heard of"]}>
        <tbody>
          {status.processes.map(({ host, pid, version, pending, overflowed, silentFor }) => (
            <tr>
              <th scope="row">
                {host} · {pid}
              </th>
              <td>{version >= status.version ? "follows" : "one step behind"}</td>
              <td>{overflowed ? "more than it can remember" : count(pending, "change")}</td>
              <td>{silentFor < 1.5 ? "just now" : `${seconds(silentFor)} ago`}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function comparedWords({ status: { phase, verified, version } }: MoveFacts): string {
  if (phase !== "moving") return "–";
  if (verified === undefined) return "not yet";
  return verified === version ? "no differences" : "not since the last step";
}
