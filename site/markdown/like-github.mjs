// The plugin of markdown-it that makes a page of docs/ look in the site as it does on GitHub, where it is at home.
import { diagram } from "./diagram.mjs";
import { inSite } from "./links.mjs";

/** HTML that may stand in a page. Any other tag is a placeholder that somebody forgot to mark as code: it would vanish. */
const tags = new Set(
  "a b br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p picture pre q s samp source span strong sub summary sup svg table tbody td th thead tr ul var".split(
    " ",
  ),
);

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
      const unknown = [...html.replaceAll(/<!--[^]*?-->/g, "").matchAll(/<\/?([a-z][\w-]*)/gi)]
        .map(([, tag]) => tag)
        .find((tag) => !tags.has(tag.toLowerCase()));
      if (unknown) throw new Error(`${env.relativePath}: <${unknown}> is not HTML; mark it as code: \`<${unknown}>\``);
      return withoutTemplates(rule ? rule(tokens, index, options, env, self) : html);
    };
  }
}

const isGenerated = ({ relativePath }) => relativePath.startsWith("api/");
const withoutTemplates = (html) => html.replaceAll("{{", "&#123;&#123;");
