/** Warns about unknown options, which have no effect, and suggests the one that was meant or its replacement. */
import { codes, warnOnce } from "../errors/index.js";
import { closestName } from "./closest-name.js";

/** Options of other packages: connect-redis up to version 8 and the clients it accepted. */
const server = "Name the server in `url`, such as redis://user:password@host:6379/0";
const elsewhere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["host", "port", "socket", "username", "user", "password", "pass", "auth_pass", "db", "database"].map((name) => [
      name,
      server,
    ]),
  ),
  logErrors: "Leave it out: failures go to next(error), and outages to the warnings of the process",
  unref: "Leave it out; `close()` ends the connection",
  fallback: 'Leave it out; `whenDown: "anonymous"` serves visitors while Redis is down',
};

export interface OptionPlace {
  /** Whose option it is, such as `redisSession()`. */
  readonly of: string;
  readonly known: readonly string[];
  /** Names that belong elsewhere, with the remedy. They take precedence over the general list. */
  readonly remedies?: Readonly<Record<string, string>>;
  /** The prefix of the names in messages, such as `cookie.`. */
  readonly path?: string;
}

/** Warns once per name. */
export function warnOfUnknown(options: object, { of, known, remedies = {}, path = "" }: OptionPlace): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const shown = path + name;
    warnOnce(
      codes.OPTION_UNKNOWN,
      `${of} has no option \`${shown}\`, so it has no effect. ${remedyFor(name)}`,
      `${of} ${shown}`,
    );
  }

  function remedyFor(name: string): string {
    if (Object.hasOwn(remedies, name)) return `${remedies[name]}.`;
    if (path === "" && Object.hasOwn(elsewhere, name)) return `${elsewhere[name]}.`;
    const meant = closestName(name, known);
    return meant ? `Did you mean \`${path}${meant}\`?` : "Leave it out; docs/options.md lists all options.";
  }
}

/** Warns that these options, although known, have no effect here. */
export function warnOfUnused(options: object, names: readonly string[], why: string): void {
  const idle = names.filter((name) => Reflect.get(options, name) != null);
  if (idle.length === 0) return;
  const list = idle.map((name) => `\`${name}\``).join(", ");
  warnOnce(codes.OPTION_WITHOUT_EFFECT, `${idle.length > 1 ? "The options" : "The option"} ${list}: ${why}`, list);
}
