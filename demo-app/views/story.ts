/** The strip above every page: what this is, and what to try. story.js ticks what was done on earlier pages. */
import { html, type Html } from "../html.js";

export interface StoryFacts {
  readonly hasCart: boolean;
  readonly isLoggedIn: boolean;
  readonly wasRestarted: boolean;
  /** Whether this visitor may restart the workers, of which there are some. */
  readonly canRestart: boolean;
  /** Whether this visitor may freeze and restart Redis, which is the shop's own. */
  readonly canTakeAway: boolean;
  /** Whether this visitor sits at the shop's machine: the comparison and Redis are theirs. */
  readonly isLocal: boolean;
}

interface Step {
  readonly name: string;
  readonly words: string;
  readonly path: string;
  readonly isDone?: boolean;
  /** Left out otherwise. */
  readonly isPossible?: boolean;
}

/** @param panel the page on which the panel is: "" if it is this one */
export function story(facts: StoryFacts, panel: "" | "/"): Html {
  const { hasCart, isLoggedIn, wasRestarted, canRestart, canTakeAway, isLocal } = facts;
  const steps: Step[] = [
    { name: "cart", words: "Add to the cart", path: "/products/rope", isDone: hasCart },
    { name: "twenty", words: "Twenty at once", path: isLocal ? "/compare" : `${panel}#twenty` },
    { name: "login", words: "Log in", path: "/login", isDone: isLoggedIn },
    {
      name: "restart",
      words: "Restart the workers",
      path: `${panel}#restart`,
      isDone: wasRestarted,
      isPossible: canRestart,
    },
    { name: "logout", words: "Log out mid-request", path: "/compare", isPossible: isLocal },
    {
      name: "away",
      words: "Take Redis away",
      path: canTakeAway ? `${panel}#redis` : "/compare#away",
      isPossible: isLocal,
    },
  ];
  return html`<section class="story" aria-label="What to try">
    <p>
      A demo of sessions that <strong>lose no update</strong> and <strong>stay logged out</strong>.
      ${isLocal && html`<a href="/compare">See it beside connect-redis</a>`}
    </p>
    <ol data-story>
      ${steps
        .filter(({ isPossible = true }) => isPossible)
        .map(
          ({ name, words, path, isDone }) =>
            html`<li data-step="${name}" ${isDone === true && html`data-done`}>
              <a href="${path}"
                >${words}<span class="visually-hidden" data-ticked>${isDone === true && " (done)"}</span></a
              >
            </li>`,
        )}
    </ol>
    <p class="end" role="status" data-story-end hidden>
      <strong>You have seen all of it.</strong> In an app of your own: <code>npm install holdfast</code>, then
      <code>app.use(redisSession({ secret }))</code>.
    </p>
  </section>`;
}
