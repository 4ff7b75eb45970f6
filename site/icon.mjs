// The sign of the product: a bollard with a rope, as in the shop.

const bollard = "M6 4h20a3 3 0 0 1 0 6h-2.5l1 16H28v3H4v-3h3.5l1-16H6a3 3 0 0 1 0-6z";
const rope = "M7 21.5 25 14.5";
export const [ink, paper] = ["#1d3a4a", "#dfd6c4"];

export const iconOf = (color) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="${color}" d="${bollard}"/><path d="${rope}" stroke="#d9542b" stroke-width="4.5" stroke-linecap="round" fill="none"/></svg>`;

export const imageOf = (color) => `data:image/svg+xml,${encodeURIComponent(iconOf(color))}`;
