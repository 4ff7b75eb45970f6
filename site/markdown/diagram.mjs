// A diagram in Mermaid as a picture that is drawn when the site is built: no script in the reader's browser, and its colors
// are those of the page, light or dark.
import { renderMermaidSVG } from "beautiful-mermaid";

const drawn = new Map();

export function diagram(source) {
  if (!drawn.has(source)) drawn.set(source, draw(source));
  return drawn.get(source);
}

function draw(source) {
  const svg = renderMermaidSVG(definedFirst(source), { transparent: true, font: "inherit" });
  // Its styles are in theme/diagrams.css: they would ask Google for a font, and Vue allows no <style> in a page.
  const pure = svg
    .replace(/<style>[^]*?<\/style>/, "")
    .replace(/^<svg[^>]*>/, (tag) =>
      tag.replace(/ style="[^"]*"/, "").replace("<svg", `<svg role="img" aria-label="Diagram"`),
    );
  return `<div class="diagram" tabindex="0" v-pre>${pure}</div>\n`;
}

/**
 * The library takes a node's first mention for its definition, even one without its text: so the texts come first. It
 * breaks no lines: so they are broken here.
 */
function definedFirst(source) {
  const definitions = [...source.matchAll(/\b(\w+)\["([^"]*)"\]/g)].map(
    ([, node, text]) => `  ${node}["${broken(text)}"]`,
  );
  return source.replace("\n", () => `\n${definitions.join("\n")}\n`);
}

function broken(text, width = 30) {
  return text.replaceAll(new RegExp(`(.{1,${width}})(?: |$)`, "g"), "$1<br>").replace(/<br>$/, "");
}
