/** What scripts/console-assets.mjs makes of `client` and `styles`: bundle.js, which is not in git. */
export const script: string;
export const styles: string;
