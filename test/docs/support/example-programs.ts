/** The examples of docstrings as modules that a compiler accepts. */
import type { Documented } from "./public-docs.js";

/** What stands for an object of these types in the examples of their own members. */
const subjects: Record<string, string> = {
  LocalAuthWithoutAccounts: "auth",
  MigratingStore: "store",
  RedisAccounts: "accounts",
  RedisConnection: "redis",
  RedisSessionStore: "store",
};

/** An example, after imports of what it uses of this package. `exported` has the names of each entry. */
export function programOf(
  { name, owner, kind }: Documented,
  example: string,
  exported: ReadonlyMap<string, readonly string[]>,
): string {
  const code = example.trim().replace(/^ {4}/gm, "");
  const declares = (word: string) => new RegExp(`\\b(const|let|class|interface|type) ${word}\\b`).test(code);
  const subject = owner && !declares(subjects[owner] ?? "") ? subjects[owner] : undefined;
  const lines = [subject ? `declare const ${subject}: ${owner};` : "", bodyOf(code)];
  const program = lines.join("\n");
  const imports = [...exported].map(([entry, names]) => {
    // An example of `console()` imports it by another name itself.
    const used = names.filter(
      (word) => word !== "console" && new RegExp(`(?<![.\\w])${word}\\b`).test(program) && !declares(word),
    );
    return used.length > 0 ? `import { ${used.join(", ")} } from "${entry}";\n` : "";
  });
  return `${imports.join("")}${program}\nexport {};\n`;

  function bodyOf(text: string): string {
    const isStatement = /;\s*(\/\/.*)?$/.test(text);
    if (kind === "property" && !isStatement) {
      const property = name.slice(name.indexOf(".") + 1);
      return `export const value: ${owner}["${property}"] = (\n${text}\n);`; // the value of an option
    }
    return text.startsWith("{") ? `export const options: RedisSessionOptions = ${text};` : text;
  }
}
