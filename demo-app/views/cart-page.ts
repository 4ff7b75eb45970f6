/** The cart: a line per product, each with its own form, and the total. */
import { cartLines, cartTotal, maxQuantity, money, type Cart } from "../cart.js";
import { html, type Html } from "../html.js";
import { drawing } from "./drawings.js";

export interface CartError {
  readonly sku: string;
  readonly sentence: string;
  /** The user's input, to be shown again. */
  readonly typed: string;
}

export function cartPage(cart: Cart | undefined, csrf: string, error?: CartError): Html {
  const lines = cartLines(cart);
  if (lines.length === 0) {
    return html`<section class="narrow empty">
      <h1>Your cart</h1>
      <p class="lead">Nothing in it yet.</p>
      <p><a class="button" href="/">Browse the goods</a></p>
    </section>`;
  }
  return html`<section class="cart">
    <h1>Your cart</h1>
    <ul class="lines">
      ${lines.map(({ product, quantity, total }) => {
        const wrong = error?.sku === product.sku ? error : undefined;
        const id = `quantity-${product.sku}`;
        return html`<li>
          <a class="picture" href="/products/${product.sku}" tabindex="-1" aria-hidden="true"
            >${drawing(product.sku)}</a
          >
          <div class="what">
            <a href="/products/${product.sku}">${product.name}</a><span class="hint">${money(product.price)} each</span>
          </div>
          <form method="post" action="/cart/${product.sku}">
            <input type="hidden" name="csrf" value="${csrf}" />
            <label class="visually-hidden" for="${id}">Quantity: ${product.name}</label>
            <input
              id="${id}"
              name="quantity"
              type="number"
              inputmode="numeric"
              min="0"
              max="${maxQuantity}"
              value="${wrong ? wrong.typed : quantity}"
              required
              ${wrong && html`aria-invalid="true" aria-describedby="${id}-error"`}
            />
            <button type="submit">Change<span class="visually-hidden"> ${product.name}</span></button>
            <button type="submit" name="remove" value="yes" class="quiet" formnovalidate>
              Remove<span class="visually-hidden"> ${product.name}</span>
            </button>
            ${wrong && html`<p class="error" id="${id}-error">${wrong.sentence}</p>`}
          </form>
          <span class="price">${money(total)}</span>
        </li>`;
      })}
    </ul>
    <p class="sum"><span>Total</span> <strong>${money(cartTotal(cart))}</strong></p>
  </section>`;
}
