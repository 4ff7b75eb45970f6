/** The panel beside every page: the visitor's session as stored, and what the page cost. */
import { html, type Html } from "../html.js";

export interface PanelFacts {
  /** The key, shortened: a full session id would be as good as a login. */
  readonly key: string;
  /** The session as this page leaves it. */
  readonly value: string;
  readonly bytes: number;
  readonly secondsToLive: number;
  /** Such as `1 · process 4711`. */
  readonly worker: string;
  readonly canRestart: boolean;
  /** The store that is the session's home. */
  readonly home: string;
  /** There are two stores, so the home is shown. */
  readonly isMoving: boolean;
}

export function sessionPanel(facts: PanelFacts, { csrf, path }: { csrf: string; path: string }): Html {
  return html`<aside class="panel" aria-labelledby="panel-title" data-panel>
    <header>
      <h2 id="panel-title">Your session</h2>
      <p data-panel-state>as this page leaves it</p>
    </header>
    <dl class="cost" aria-label="What this page cost">
      ${
        facts.isMoving &&
        html`<div class="home">
          <dt>home of this session</dt>
          <dd data-session="home">${facts.home}</dd>
        </div>`
      }
      <div>
        <dt>${facts.isMoving ? "to Redis" : "commands"}</dt>
        <dd data-cost="commands">–</dd>
      </div>
      ${
        facts.isMoving &&
        html`<div>
          <dt>to PostgreSQL</dt>
          <dd data-cost="queries">–</dd>
        </div>`
      }
      ${
        !facts.isMoving &&
        html`<div>
          <dt>round trips</dt>
          <dd data-cost="trips">–</dd>
        </div>`
      }
      <div>
        <dt>in Redis</dt>
        <dd data-cost="redis">–</dd>
      </div>
      <div>
        <dt>in total</dt>
        <dd data-cost="total">–</dd>
      </div>
    </dl>
    <dl class="facts">
      <div>
        <dt>Key</dt>
        <dd><code data-session="key">${facts.key}</code></dd>
      </div>
      <div>
        <dt>Size</dt>
        <dd><span data-session="bytes">${facts.bytes}</span> bytes</dd>
      </div>
      <div>
        <dt>Expires in</dt>
        <dd><span data-session="ttl">${facts.secondsToLive}</span> s</dd>
      </div>
      <div>
        <dt>Worker</dt>
        <dd data-session="worker">${facts.worker}</dd>
      </div>
    </dl>
    <pre tabindex="0" aria-label="The session's value"><code data-session="value">${facts.value}</code></pre>
    <div class="tries">
      <form data-twenty hidden>
        <button type="submit">Twenty cart updates at once</button>
        <p class="hint">
          Twenty requests, each adding one spool of twine. Each holds the session for a moment, so they overlap.
        </p>
        <p class="result" role="status" data-twenty-result></p>
      </form>
      ${
        facts.canRestart &&
        html`<form method="post" action="/demo/restart">
          <input type="hidden" name="csrf" value="${csrf}" /><input type="hidden" name="next" value="${path}" />
          <button type="submit">Restart both workers</button>
          <p class="hint">
            New processes take over, one by one. Your login and cart are stored in ${facts.home}, so they survive.
          </p>
        </form>`
      }
    </div>
    <noscript
      ><p class="hint">The cost of the page is in its Server-Timing header; JavaScript would show it here.</p></noscript
    >
  </aside>`;
}
