/** Which right a Redis user lacks. Pure. */

/** What was refused and the remedy, from what Redis says. It never names a key, and the name of a command is no secret. */
export function refusedRight(error: unknown): string {
  const all = "docs/production.md lists all that it needs";
  for (let at = error; at instanceof Error; at = at.cause) {
    const [, command] = /run the '([\w|-]+)' command/.exec(at.message) ?? [];
    if (command !== undefined) return `it may not run ${command.toUpperCase()}. ACL SETUSER NAME +${command} (${all})`;
    if (/\baccess\b.*\bkeys?\b/i.test(at.message))
      return `it may not use one of the keys. ACL SETUSER NAME ~PREFIX* (${all})`;
    if (/\baccess\b.*\bchannels?\b/i.test(at.message))
      return `it may not use one of the channels. ACL SETUSER NAME &CHANNEL (${all})`;
  }
  return `a script may not run one of its commands (${all})`;
}
