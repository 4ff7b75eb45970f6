/** Which new sessions the option `firstVisitTtl` does not apply to. Pure. */

/** Whether passport or `holdfast/auth` logged a user in: a visitor who can log in is not part of a flood. */
type WithUser = { user?: unknown } | null;

export function hasLogin({ passport, login }: object & { passport?: WithUser; login?: WithUser }): boolean {
  return isThere(passport?.user) || isThere(login?.user);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
