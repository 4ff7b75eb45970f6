/** The panel beside every page: the visitor's session as stored, and what the page cost. */
import { html, type Html } from "../html.js";
import { frozenFor } from "../processes/orders.js";
import { simulatedVisitors } from "../simulation/switch.js";
import { timeLeft } from "../times.js";

/** Which buttons this visitor gets. */
export interface PanelRights {
  readonly canRestart: boolean;
  /** Redis may be frozen and restarted. */
  readonly canTakeAway: boolean;
}

export interface PanelFacts extends PanelRights {
  /** The key, shortened: a full session id would be as good as a login. */
  readonly key: string;
  /** The session as this page leaves it. */
  readonly value: string;
  readonly bytes: number;
  readonly secondsToLive: number;
  /** Such as `1 · process 4711`. */
  readonly worker: string;
  /** The store that is the session's home. */
  readonly home: string;
  /** There are two stores, so the home is shown. */
  readonly isMoving: boolean;
}

/** What the panel's forms need. */
export interface PanelForms {
  readonly csrf: string;
  /** The page to come back to. */
  readonly path: string;
  /** Whether there are simulated visitors; undefined if this visitor has no say in it. */
  readonly simulation: boolean | undefined;
}

export function sessionPanel(facts: PanelFacts, forms: PanelForms): Html {
  return html`<aside class="panel" aria-labelledby="panel-title" data-panel>
    <details open data-fold>
      <summary>
        <h2 id="panel-title">Your session</h2>
        <span data-panel-state>as this page leaves it</span>
      </summary>
      <div class="inside">
        ${tries(facts, forms)}
        <dl class="cost" aria-label="What this page cost">
          ${
            facts.isMoving &&
            html`<div class="home">
              <dt>Home</dt>
              <dd data-session="home">${facts.home}</dd>
            </div>`
          }
          <div>
            <dt>To Redis${facts.isMoving && " and PostgreSQL"}</dt>
            <dd>
              <span data-cost="commands">–</span>, <span data-cost="${facts.isMoving ? "queries" : "trips"}">–</span>
            </dd>
          </div>
          <div>
            <dt>This page took</dt>
            <dd><span data-cost="total">–</span>, <span data-cost="redis">–</span> in Redis</dd>
          </div>
          <div>
            <dt>Key</dt>
            <dd>
              <code data-session="key">${facts.key}</code>, <span data-session="bytes">${facts.bytes}</span> bytes
            </dd>
          </div>
          <div>
            <dt>Lifetime</dt>
            <dd>
              <span data-session="left">${timeLeft(facts.secondsToLive)}</span>
              <small><span data-session="ttl">${facts.secondsToLive}</span> s</small>
            </dd>
          </div>
          <div>
            <dt>Worker</dt>
            <dd data-session="worker">${facts.worker}</dd>
          </div>
        </dl>
        <pre
          tabindex="0"
          role="region"
          aria-label="The session's value"
        ><code data-session="value">${facts.value}</code></pre>
        <noscript
          ><p class="hint">
            The cost of the page is in its Server-Timing header; JavaScript would show it here.
          </p></noscript
        >
      </div>
    </details>
  </aside>`;
}

function tries({ canRestart, canTakeAway, home }: PanelFacts, { csrf, path, simulation }: PanelForms): Html {
  return html`<div class="tries">
    <form data-twenty hidden id="twenty">
      <button type="submit">Twenty cart updates at once</button>
      <p class="result" role="status" data-twenty-result></p>
      <p class="hint">They overlap; each adds a spool of twine.</p>
    </form>
    ${
      canRestart &&
      html`<form method="post" action="/demo/restart" id="restart">
        <input type="hidden" name="csrf" value="${csrf}" /><input type="hidden" name="next" value="${path}" />
        <button type="submit">Restart both workers</button>
        <p class="hint">Login and cart are in ${home}: they stay.</p>
      </form>`
    }
    ${canTakeAway && takeAway}
    ${
      simulation !== undefined &&
      html`<form method="post" action="/demo/visitors" class="visitors">
        <input type="hidden" name="csrf" value="${csrf}" /><input type="hidden" name="next" value="${path}" />
        <p>${simulatedVisitors} simulated visitors <a href="/operator/">The console</a></p>
        <button type="submit" name="visitors" value="${simulation ? "out" : "in"}">
          ${simulation ? "Send away" : "Let in"}<span class="visually-hidden"> the simulated visitors</span>
        </button>
      </form>`
    }
  </div>`;
}

/** take-away.js shows it, and sends it while the page stays. */
const takeAway = html`<form data-take-away hidden id="redis">
  <div class="pair">
    <button
      type="submit"
      value="freeze"
      data-doing="Freezing …"
      data-done="Redis is frozen for ${frozenFor} seconds. Open a page or fill in a form: nothing is lost."
    >
      Freeze Redis
    </button>
    <button type="submit" value="restart" data-doing="Restarting …">Restart Redis</button>
  </div>
  <p class="result" role="status" data-take-away-result></p>
  <p class="hint">Frozen for ${frozenFor} seconds; restarted empty.</p>
</form>`;
