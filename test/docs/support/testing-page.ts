/** The files of docs/testing.md, by the names in their first lines. */
import { readFileSync } from "node:fs";

export function filesOfTheTestingPage(): Map<string, string> {
  const page = readFileSync(new URL("../../../docs/testing.md", import.meta.url), "utf8");
  const blocks = page.matchAll(/^```javascript\n\/\/ ([\w.]+)\n([^]*?)^```$/gm);
  return new Map([...blocks].map(([, name, text]) => [name!, text!]));
}
