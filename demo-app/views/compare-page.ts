/** Two columns: what connect-redis and what Holdfast make of the same requests. compare.js fills them in. */
import { html, type Html } from "../html.js";

const columns = [
  { side: "connect-redis", name: "connect-redis", on: "in express-session" },
  { side: "holdfast", name: "Holdfast", on: "redisSession()" },
];

export const compareHead = html`<link rel="stylesheet" href="/assets/compare.css" />
  <script type="module" src="/assets/compare.js"></script>`;

const away = html`<p class="how" id="away" tabindex="-1">
  <strong>To take Redis away</strong>, pause it with <code>redis-cli -u ADDRESS client pause 20000</code>, where ADDRESS
  is what <code>npm start</code> printed, and open any page. The shop says so, loses nothing, and goes on by itself.
</p>`;

/** @param explainsAway the shop has no buttons that take Redis away */
export function comparePage(explainsAway: boolean): Html {
  return html`<section class="compare" data-compare>
    <div class="ask">
      <div>
        <h1>Side by side</h1>
        <p>The same handlers on the same Redis; only the session middleware differs.</p>
      </div>
      <div class="buttons" data-compare-buttons hidden>
        <button type="button" class="main" data-run="twenty">Twenty updates at once</button>
        <button type="button" class="main" data-run="logout">Log out during a slow request</button>
      </div>
      <noscript><p>JavaScript sends the requests, so this page needs it.</p></noscript>
    </div>
    <div class="sides">
      ${columns.map(
        ({ side, name, on }) =>
          html`<section class="side" aria-labelledby="side-${side}" data-side="${side}">
            <h2 id="side-${side}">${name} <small>${on}</small></h2>
            <p class="figure" role="status" data-figure>Nothing sent yet</p>
            <ol class="cells" aria-hidden="true" data-cells>
              ${Array.from({ length: 20 }, () => html`<li></li>`)}
            </ol>
            <ol class="events" data-events hidden></ol>
            <h3>Its session in Redis</h3>
            <pre tabindex="0" role="region" aria-label="The session of ${name}"><code data-stored>none yet</code></pre>
          </section>`,
      )}
    </div>
    <p class="how">
      Each update adds an item of its own to the session and works for 150 ms before it is saved. The slow request works
      for 1.5 seconds; meanwhile the visitor logs out.
    </p>
    ${explainsAway && away}
  </section>`;
}
