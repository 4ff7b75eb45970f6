/** A site on a store that notes and fails on demand, with a visitor whose session `{ views: 1 }` is stored already. */
import type { Bench } from "./bench.js";
import type { Candidate, ParityOptions } from "./middlewares.js";
import { sentId, type Handler, type Site, type Visitor } from "./site.js";
import { NotingStore } from "./stores.js";

export const write: Handler = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.end(String(req.session.views));
};
export const read: Handler = (req, res) => res.end(String(req.session.views));

export interface NotingSite {
  store: NotingStore;
  site: Site;
  visitor: Visitor;
  /** The visitor's session id. */
  id: string;
}

/** `/write` and `/read` are there; `pages` are added. The store's notes begin after the visitor's first request. */
export async function openNotingSite(
  bench: Bench,
  candidate: Candidate,
  pages: Record<string, Handler> = {},
  options: Partial<ParityOptions> = {},
): Promise<NotingSite> {
  const store = new NotingStore();
  const site = await bench.site(candidate, { store, ...options }, { "/write": write, "/read": read, ...pages });
  const visitor = site.visitor();
  const id = sentId(await visitor.get("/write"));
  store.calls.length = 0;
  return { store, site, visitor, id };
}
