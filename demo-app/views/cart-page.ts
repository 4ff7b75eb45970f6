/** The cart: a line per product, each with its own form, and the total. */
import { cartLines, cartText, cartTotal, money, type Cart } from "../cart.js";
import { html, type Html } from "../html.js";
import { drawing } from "./drawings.js";
import { boxedError, csrfField } from "./fields.js";
import type { RefusedQuantity } from "./goods.js";

export interface CartErrors {
  readonly refused?: RefusedQuantity & { readonly sku: string };
  /** Why there was no check-out. */
  readonly hasChanged?: string;
}

export function cartPage(cart: Cart | undefined, csrf: string, { refused, hasChanged }: CartErrors = {}): Html {
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
    ${boxedError("cart-error", hasChanged)}
    <ul class="lines">
      ${lines.map(({ product, quantity, total }) => {
        const wrong = refused?.sku === product.sku ? refused : undefined;
        const id = `quantity-${product.sku}`;
        return html`<li>
          <a class="picture" href="/products/${product.sku}" tabindex="-1" aria-hidden="true"
            >${drawing(product.sku)}</a
          >
          <div class="what">
            <a href="/products/${product.sku}">${product.name}</a><span class="hint">${money(product.price)} each</span>
          </div>
          <form method="post" action="/cart/${product.sku}" novalidate>
            ${csrfField(csrf)}
            <label class="visually-hidden" for="${id}">Quantity: ${product.name}</label>
            <input
              id="${id}"
              name="quantity"
              inputmode="numeric"
              autocomplete="off"
              maxlength="100"
              value="${wrong ? wrong.typed : quantity}"
              required
              ${wrong && html`aria-invalid="true" aria-describedby="${id}-error" autofocus`}
            />
            <button type="submit">Change<span class="visually-hidden"> ${product.name}</span></button>
            <button type="submit" name="remove" value="yes" class="quiet">
              Remove<span class="visually-hidden"> ${product.name}</span>
            </button>
            ${wrong && html`<p class="error" id="${id}-error">${wrong.sentence}</p>`}
          </form>
          <span class="price">${money(total)}</span>
        </li>`;
      })}
    </ul>
    <p class="sum"><span>Total</span> <strong>${money(cartTotal(cart))}</strong></p>
    <form method="post" action="/checkout" class="pay">
      ${csrfField(csrf)}<input type="hidden" name="cart" value="${cartText(cart)}" />
      <button type="submit" class="main">Check out</button>
      <p class="hint">A demo: nothing is sold.</p>
    </form>
  </section>`;
}
