// Which name is explained where: what is exported, and the codes of errors.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../repository.mjs";

/** @returns a function: the link of a name that `entry` has or, failing that, that another entry has */
export function linksOf(api) {
  const places = new Map();
  for (const [entry, exports] of api)
    for (const { name, kind } of exports)
      if (kind !== "elsewhere") places.set(name, [...(places.get(name) ?? []), entry]);
  const codes = new Set(readFileSync(join(root, "docs", "errors.md"), "utf8").match(/(?<=^#+ )[A-Z_]+$/gm));
  return (name, entry) => {
    if (codes.has(name)) return `../errors.html#${name.toLowerCase()}`;
    const [base, member] = name.split(".");
    const having = places.get(base);
    if (!having) return undefined;
    const place = having.includes(entry) ? entry : having[0];
    const anchor = member ? `${base}.${member}` : base;
    return place === entry ? `#${anchor}` : `./${place.split("/").at(-1)}.html#${anchor}`;
  };
}

/** The names that stand in a piece of code, outside of quotes, each once. */
export function namesIn(code) {
  const words = code.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/(?<![.\w$])[A-Za-z_$][\w$]*/g) ?? [];
  return [...new Set(words)];
}
