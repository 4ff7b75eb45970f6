/** The list of products, and the page of one. */
import { maxQuantity, money } from "../cart.js";
import { html, type Html } from "../html.js";
import type { Product } from "../products.js";
import { drawing, scene } from "./drawings.js";

export function goodsList(products: readonly Product[]): Html {
  return html`<section class="welcome">
      <div>
        <h1>Things that hold</h1>
        <p>Rope, metal and wood for boats, walls and kitchens. Made slowly, kept for years.</p>
      </div>
      ${scene}
    </section>
    <ul class="goods">
      ${products.map(
        (product) =>
          html`<li>
            <a href="/products/${product.sku}">
              <span class="picture">${drawing(product.sku)}</span>
              <span class="name">${product.name}</span>
              <span class="price">${money(product.price)}</span>
              <span class="line">${product.line}</span>
            </a>
          </li>`,
      )}
    </ul>`;
}

/** A quantity that was refused: as typed, and why. */
export interface RefusedQuantity {
  readonly typed: string;
  readonly sentence: string;
}

export function productPage(product: Product, inCart: number, csrf: string, refused?: RefusedQuantity): Html {
  return html`<article class="product">
    <p class="back"><a href="/">All goods</a></p>
    <div class="picture large">${drawing(product.sku)}</div>
    <div class="about">
      <h1>${product.name}</h1>
      <p class="lead">${product.line}.</p>
      <p class="price">${money(product.price)}</p>
      <form method="post" action="/cart" class="buy" novalidate>
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="sku" value="${product.sku}" />
        <div class="field">
          <label for="quantity">Quantity</label>
          <input
            id="quantity"
            name="quantity"
            inputmode="numeric"
            autocomplete="off"
            maxlength="100"
            value="${refused ? refused.typed : 1}"
            required
            ${refused && html`aria-invalid="true" aria-describedby="quantity-error" autofocus`}
          />
        </div>
        <button type="submit" class="main">Add to cart</button>
        ${refused && html`<p class="error" id="quantity-error">${refused.sentence}</p>`}
      </form>
      ${inCart > 0 && html`<p class="hint">${inCart} in your <a href="/cart">cart</a>${inCart >= maxQuantity && html`, which is the most it can hold`}.</p>`}
      <p class="text">${product.text}</p>
      <dl class="facts">
        ${product.facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
    </div>
  </article>`;
}
