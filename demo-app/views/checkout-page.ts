/** The end of a check-out: nothing was sold, and what happened to the session. */
import { money } from "../cart.js";
import { html, type Html } from "../html.js";

export interface CheckoutFacts {
  readonly things: number;
  /** In cents. */
  readonly total: number;
  /** The one that made this page. */
  readonly worker: string;
  readonly isLoggedIn: boolean;
}

export function checkoutPage({ things, total, worker, isLoggedIn }: CheckoutFacts): Html {
  const goods = things === 1 ? "the one thing" : `the ${things} things`;
  return html`<section class="checkout">
    <h1>Nothing was sold</h1>
    <p class="lead">This is a demo: ${goods} for ${money(total)} will not be sent, and nobody wants your money.</p>
    <h2>What happened to your session</h2>
    <ul>
      <li>One save emptied the cart and noted this check-out.</li>
      <li>The redirect to this page waited for that save, so worker ${worker} found the cart empty already.</li>
      <li>A second click on “Check out” changes nothing: it leads here, too.</li>
      <li>If another tab added something else at the same moment, it is still in the cart.</li>
      ${isLoggedIn && html`<li>You are still logged in: the session is the same.</li>`}
    </ul>
    <p><a class="button" href="/">Back to the goods</a></p>
  </section>`;
}
