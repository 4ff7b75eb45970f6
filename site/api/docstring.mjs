// A docstring, taken apart. TypeScript's own parser does not keep the indentation of examples. Pure.

const tags = "default|deprecated|example|param|returns|see|throws";

/** @param comment with its slashes and stars */
export function docstringOf(comment = "") {
  const text = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .replaceAll(/^[ \t]*\* ?/gm, "")
    .replaceAll(new RegExp(`(\\S) @(?=(?:${tags})\\b)`, "g"), "$1\n@");
  const [before, ...parts] = text.split(new RegExp(`^[ \\t]*@(?=(?:${tags})\\b)`, "m"));
  const tagged = (tag) =>
    parts.filter((part) => part.startsWith(tag)).map((part) => withoutEdges(part.slice(tag.length)));
  return {
    text: withoutEdges(before),
    defaults: tagged("default").map(oneLine),
    deprecated: tagged("deprecated").map(oneLine)[0],
    examples: tagged("example").map(withoutIndent),
    params: tagged("param").map(
      (text) => /^([\w.]+)\s+(?:- )?([^]*)$/.exec(oneLine(text))?.slice(1) ?? [oneLine(text), ""],
    ),
    returns: tagged("returns").map(oneLine)[0],
    see: tagged("see").map(oneLine),
    throws: tagged("throws").map(oneLine),
  };
}

const oneLine = (text) => text.replaceAll(/\s+/g, " ").trim();
const withoutEdges = (text) => text.replace(/^[ \t]+(?=\S)/, "").replace(/^\s*\n|\s+$/g, "");

/** An example may be indented, as a block of code in Markdown is. */
function withoutIndent(text) {
  const indents = text.match(/^ *(?=\S)/gm) ?? [""];
  const least = Math.min(...indents.map(({ length }) => length));
  return text.replaceAll(new RegExp(`^ {${least}}`, "gm"), "");
}
