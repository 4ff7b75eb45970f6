/** Requests whose login was checked, so that an unchecked login is never relied on. */
const checked = new WeakSet();

export function noteChecked(req: object): void {
  checked.add(req);
}

export function isChecked(req: object): boolean {
  return checked.has(req);
}
