// The plugin of markdown-it that makes a page of docs/ look in the site as it does on GitHub, where it is at home.
import { diagram } from "./diagram.mjs";
import { inSite } from "./links.mjs";
import { unknownTags } from "./tags.mjs";

export function likeGitHub(md) {
  const { link_open: linkOpen, text, fence, html_block: htmlBlock, html_inline: htmlInline } = md.renderer.rules;

  md.renderer.rules.link_open = (tokens, index, options, env, self) => {
    if (!isGenerated(env)) tokens[index].attrSet("href", inSite(tokens[index].attrGet("href"), env.relativePath));
    return linkOpen(tokens, index, options, env, self);
  };

  // A cell without words is no heading.
  for (const end of ["open", "close"])
    md.renderer.rules[`th_${end}`] = (tokens, index, options, env, self) => {
      const words = tokens[index + (end === "open" ? 1 : -1)];
      if (words.type !== "inline" || words.content === "") tokens[index].tag = "td";
      return self.renderToken(tokens, index, options);
    };

  // GitHub knows no templates: Vue must not see any.
  md.renderer.rules.text = (...args) => withoutTemplates(text(...args));
  md.renderer.rules.code_inline = (tokens, index) => {
    const token = tokens[index];
    return `<code v-pre>${md.utils.escapeHtml(token.content)}</code>`;
  };

  md.renderer.rules.fence = (tokens, index, options, env, self) =>
    tokens[index].info.trim() === "mermaid" ? diagram(tokens[index].content) : fence(tokens, index, options, env, self);

  for (const [name, rule] of Object.entries({ html_block: htmlBlock, html_inline: htmlInline })) {
    md.renderer.rules[name] = (tokens, index, options, env, self) => {
      const html = tokens[index].content;
      const [unknown] = unknownTags(html);
      if (unknown) throw new Error(`${env.relativePath}: <${unknown}> is not HTML; mark it as code: \`<${unknown}>\``);
      return withoutTemplates(rule ? rule(tokens, index, options, env, self) : html);
    };
  }
}

const isGenerated = ({ relativePath }) => relativePath.startsWith("api/");
const withoutTemplates = (html) => html.replaceAll("{{", "&#123;&#123;");
