// The anchors and the links of a Markdown file, as GitHub makes them.
import { createMarkdownRenderer } from "vitepress";
import { anchors } from "./slug.mjs";
import { unknownTags } from "./tags.mjs";

const md = await createMarkdownRenderer("", { anchor: anchors, attrs: { disable: true }, highlight: (code) => code });

/** @returns `{ anchors, links, unknown }`: a set, a list of what links and pictures name, and tags that are not HTML */
export function referencesOf(markdown) {
  const found = { anchors: new Set(), links: [], unknown: [] };
  for (const token of md.parse(markdown, {})) {
    if (token.type === "heading_open") found.anchors.add(token.attrGet("id"));
    if (token.type === "html_block") fromHtml(token.content, found);
    for (const part of token.children ?? []) {
      const link = part.attrGet("href") ?? part.attrGet("src");
      if (link && !part.attrGet("class")?.includes("header-anchor")) found.links.push(decodeURI(link));
      if (part.type === "html_inline") fromHtml(part.content, found);
    }
  }
  return found;
}

function fromHtml(html, { anchors, links, unknown }) {
  unknown.push(...unknownTags(html));
  for (const [, value] of html.matchAll(/\s(?:id|name)="([^"]*)"/g)) anchors.add(value);
  for (const [, value] of html.matchAll(/\s(?:href|src|srcset)="([^"]*)"/g)) links.push(value);
}
