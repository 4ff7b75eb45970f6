// The words of docstrings, for Markdown in the site. Pure.

export const escape = (text) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("{{", "&#123;&#123;");

/** Links to names, to documents and to the sections of error codes; nothing outside of code is taken for HTML. */
export function proseOf(text, link) {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? ofCode(part, link) : ofWords(part, link)))
    .join("");
}

function ofCode(part, link) {
  const name = part.slice(1, -1);
  const isName = /^[A-Z]\w+(\.\w+)?$/.test(name) || /^[a-z]\w+\(\)$/.test(name);
  const href = isName ? link(name.replace("()", "")) : undefined;
  return href ? `<a href="${href}">\`${name}\`</a>` : part;
}

function ofWords(part, link) {
  return part
    .replaceAll("<", "&lt;")
    .replaceAll(/\{@link(?:code|plain)? ([\w.#]+)(?:\s*\|\s*([^}]+))?\}/g, (_, name, text) => {
      const href = link(name.replace("#", "."));
      const shown = text ? text.trim() : `\`${name}\``;
      return href ? `<a href="${href}">${shown}</a>` : shown;
    })
    .replaceAll(/\bdocs\/([\w/-]+)\.md\b/g, "[docs/$1.md](../$1.md)");
}

/** A default: code if it is a value, else words. A comment after it is kept. */
export function valueOf(text) {
  const [, value, comment] = /^(.*?)(?:\s+\/\/\s*(.*))?$/.exec(text);
  const isValue = /^(-?[\d_.]+|true|false|null|undefined|"[^"]*"|\[.*\]|\{.*\}|[\w.]+\(.*\))$/.test(value);
  const shown = isValue ? `<code v-pre>${escape(value)}</code>` : inline(value);
  return comment ? `${shown} (${inline(comment)})` : shown;
}

const inline = (text) =>
  text
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 ? `<code v-pre>${escape(part)}</code>` : escape(part)))
    .join("");

/** An example is a program, unless it has blocks of its own. */
export function exampleOf(text) {
  return text.includes("```") ? text : `\`\`\`ts\n${text.trimEnd()}\n\`\`\``;
}
