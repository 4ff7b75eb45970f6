// The pictures of the documentation site, in site/public: what a preview of a link shows, and the icons that must be PNG.
import { mkdirSync } from "node:fs";
import { card } from "../site/head.mjs";
import { iconOf, ink, paper } from "../site/icon.mjs";
import { root } from "../site/repository.mjs";

const folder = `${root}site/public/`;

/** @param browser of Playwright */
export async function sitePictures(browser) {
  mkdirSync(folder, { recursive: true });
  await draw(browser, cardPage(), card, card.file);
  await draw(browser, iconPage("none"), { width: 48, height: 48 }, "icon.png");
  await draw(browser, iconPage("#fffdf9", 0.74), { width: 180, height: 180 }, "apple-touch-icon.png");
}

async function draw(browser, html, { width, height }, file) {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.setContent(html);
  await page.screenshot({ path: folder + file, omitBackground: true });
  await page.close();
}

/** @param share of the picture that the sign fills */
function iconPage(background, share = 1) {
  const size = `${share * 100}vmin`;
  return `<style>
    body { margin: 0; height: 100vh; display: grid; place-items: center; background: ${background} }
    svg { width: ${size}; height: ${size} }
  </style>${iconOf(ink)}`;
}

function cardPage() {
  return `<style>
    body { margin: 0; height: 100vh; box-sizing: border-box; padding: 0 90px; display: flex; flex-direction: column;
      justify-content: center; background: ${ink}; color: #f0ebe0; font: 34px/1.4 "DejaVu Sans", sans-serif }
    h1 { display: flex; align-items: center; gap: 30px; margin: 0 0 38px; font: 600 104px/1 "DejaVu Serif", serif }
    svg { width: 104px; height: 104px }
    p { margin: 0 } p + p { margin-top: 26px; color: #ff9d76 }
  </style>
  <h1>${iconOf(paper)} Holdfast</h1>
  <p>Sessions in Redis for Express and Connect.</p>
  <p>No update is lost, and a logout stays a logout.</p>`;
}
