// The anchors of headings: those that GitHub makes, so that `page.md#heading` leads to the same place here and there.
import { slug } from "github-slugger";

/** For markdown-it-anchor, which adds -1, -2 to repeated ones, as GitHub does. */
export const anchors = { slugify: slug, getTokensText: textOf };

/** The text of a heading, as GitHub takes it: without images and HTML. VitePress leaves entities as they were written. */
export function textOf(tokens) {
  return tokens
    .filter(({ type }) => type === "text" || type === "code_inline")
    .map(({ type, content }) =>
      type === "text" ? content.replaceAll(/&\w+;/g, (entity) => named[entity] ?? entity) : content,
    )
    .join("");
}

const named = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&nbsp;": "\u00a0" };
