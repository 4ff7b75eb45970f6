// The section of one export: its signature, what its docstring says, and its members.
import { format } from "prettier";
import { namesIn } from "./names.mjs";
import { escape, exampleOf, proseOf, valueOf } from "./prose.mjs";

/** @param links from `linksOf()` */
export async function sectionOf({ name, kind, from, doc, signatures, members }, entry, links) {
  const link = (other) => (other === name ? undefined : links(other, entry));
  const title = heading(3, name, kind === "function" ? `${name}()` : name);
  if (kind === "elsewhere") {
    const place = from.entry
      ? `The same as in <a href="./${from.entry.split("/").at(-1)}.html#${from.name}"><code>${from.entry}</code></a>.`
      : `From <code>${escape(from.package)}</code>, for convenience.`;
    return `${title}\n\n<p>${place}</p>`;
  }
  const own =
    kind === "interface" && members.length > 0 && !/\bextends\b|</.test(signatures[0]) ? "" : await code(signatures);
  const parts = [title, own, seeAlso(signatures.join("\n"), link), ...described(doc, link), ...examplesOf(doc)];
  for (const member of members) parts.push(await memberOf(member, name, link));
  return parts.filter(Boolean).join("\n\n");
}

async function memberOf({ name, kind, isStatic, isOptional, type, signatures, doc }, owner, link) {
  const call = kind === "constructor" ? `new ${owner}()` : kind === "method" && /\w/.test(name) ? `${name}()` : name;
  const shown = `${isStatic ? `${owner}.` : ""}${call}${isOptional ? "?" : ""}`;
  const parts = [heading(4, `${owner}.${name}`, shown, "api-member")];
  if (kind === "property") parts.push(factsOf(type, doc, link));
  else parts.push(await code(signatures, kind === "constructor" || isStatic ? "class" : "interface"));
  if (kind !== "property") parts.push(seeAlso(signatures.join("\n"), link));
  parts.push(...described(doc, link), ...examplesOf(doc));
  return parts.filter(Boolean).join("\n\n");
}

/** HTML, because the anchor is the name itself. */
function heading(level, id, text, className) {
  const attributes = `id="${escape(id)}"${className ? ` class="${className}"` : ""} tabindex="-1"`;
  const anchor = `<a class="header-anchor" href="#${escape(id)}" aria-label="Permalink to ${escape(text)}">&#8203;</a>`;
  return `<h${level} ${attributes}><code v-pre>${escape(text)}</code> ${anchor}</h${level}>`;
}

/** The type of a property, its names linked, and its default. */
function factsOf(type, { defaults }, link) {
  const facts = [];
  if (type) facts.push(`<code v-pre>${linked(type, link)}</code>`);
  if (defaults.length > 0) facts.push(`default: ${defaults.map(valueOf).join("; ")}`);
  return facts.length > 0 ? `<p class="api-facts">${facts.join(" · ")}</p>` : "";
}

function linked(type, link) {
  return type
    .split(/("[^"]*"|[A-Za-z_$][\w$]*)/)
    .map((part) => {
      const href = /^[A-Za-z]/.test(part) ? link(part) : undefined;
      return href ? `<a href="${href}">${part}</a>` : escape(part);
    })
    .join("");
}

function described({ text, deprecated, params, returns, throws, see }, link) {
  const items = [
    ...params.map(([param, meaning]) => `- \`${param}\`: ${proseOf(meaning, link)}`),
    ...(returns ? [`- Returns ${proseOf(returns, link)}`] : []),
    ...throws.map((what) => `- Throws ${proseOf(what, link)}`),
    ...see.map((what) => `- See ${proseOf(what, link)}`),
  ];
  return [deprecated && `**Deprecated.** ${proseOf(deprecated, link)}`, proseOf(text, link), items.join("\n")];
}

const examplesOf = ({ examples }) => examples.map(exampleOf);

/** What the types in a signature mean. */
function seeAlso(signature, link) {
  const known = namesIn(signature).filter((name) => /^[A-Z]/.test(name) && link(name));
  if (known.length === 0) return "";
  const names = known.map((name) => `<a href="${link(name)}"><code>${name}</code></a>`);
  return `<p class="api-facts">Types: ${names.join(" · ")}</p>`;
}

/** Signatures as the formatter of the sources breaks them. @param around what a member must stand in to be parsed */
async function code(signatures, around) {
  const body = signatures.map((line) => line.replace(/;?$/, ";")).join("\n");
  const text = around
    ? `${around === "class" ? "declare class" : "interface"} _ {\n${body}\n}`
    : body.replaceAll("{};", "{}");
  const pretty = await format(text, { parser: "typescript", printWidth: around ? 82 : 80 });
  const lines = around
    ? pretty
        .trim()
        .split("\n")
        .slice(1, -1)
        .map((line) => line.replace(/^ {2}/, ""))
    : [pretty.trim()];
  return `\`\`\`ts\n${lines.join("\n").replaceAll(/ \{\}$|^declare /gm, "")}\n\`\`\``;
}
