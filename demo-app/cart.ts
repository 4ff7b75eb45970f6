/** The cart as stored in the session: one entry per product, so that concurrent additions merge. Pure. */
import { findProduct, type Product } from "./products.js";

/** By SKU. Merged with the rule `"cart.*.quantity": sum`; prices are looked up, never stored. */
export type Cart = Record<string, { quantity: number }>;

export interface CartLine {
  readonly product: Product;
  readonly quantity: number;
  /** In cents. */
  readonly total: number;
}

export const maxQuantity = 999;

/** A cart with `quantity` more of `sku`, up to the limit per line. The given cart is not changed. */
export function addToCart(cart: Cart | undefined, sku: string, quantity: number): Cart {
  return setQuantity(cart, sku, quantityOf(cart, sku) + quantity);
}

/** A cart with exactly `quantity` of `sku`; 0 removes the line. */
export function setQuantity(cart: Cart | undefined, sku: string, quantity: number): Cart {
  const { [sku]: _, ...others } = cart ?? {};
  if (quantity <= 0) return others;
  return { ...cart, [sku]: { quantity: Math.min(quantity, maxQuantity) } };
}

export function quantityOf(cart: Cart | undefined, sku: string): number {
  return (cart && Object.hasOwn(cart, sku) ? cart[sku]?.quantity : 0) ?? 0;
}

/** What the cart page shows. Products that the shop no longer sells are left out. */
export function cartLines(cart: Cart | undefined): CartLine[] {
  return Object.keys(cart ?? {}).flatMap((sku) => {
    const product = findProduct(sku);
    const quantity = quantityOf(cart, sku);
    return product && quantity > 0 ? [{ product, quantity, total: product.price * quantity }] : [];
  });
}

export function cartCount(cart: Cart | undefined): number {
  return cartLines(cart).reduce((sum, line) => sum + line.quantity, 0);
}

/** In cents. */
export function cartTotal(cart: Cart | undefined): number {
  return cartLines(cart).reduce((sum, line) => sum + line.total, 0);
}

/** What a cart contains, to compare it with a later one. */
export function cartText(cart: Cart | undefined): string {
  const lines = cartLines(cart).map(({ product, quantity }) => `${product.sku}:${quantity}`);
  return lines.sort().join(" ");
}

/** Cents as a price tag: `4250` is `€42.50`. */
export function money(cents: number): string {
  const whole = Math.trunc(cents / 100)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
  return `€${whole}.${String(Math.abs(cents % 100)).padStart(2, "0")}`;
}
